import { invalidArgument } from './status.ts';
import { asBuffer, textOf, varintLength, WireReader, writeVarint } from './wire.ts';

/** PubsubMessage field numbers (google/pubsub/v1/pubsub.proto). */
const DATA = 1;
const ATTRIBUTES = 2;
const ORDERING_KEY = 5;

// cloud.google.com/pubsub/quotas#resource_limits
const MAX_REQUEST_BYTES = 10_000_000;
const MAX_MESSAGES = 1000;
const MAX_ATTRIBUTES = 100;
const MAX_ATTRIBUTE_KEY_BYTES = 256;
const MAX_ATTRIBUTE_VALUE_BYTES = 1024;
const MAX_ORDERING_KEY_BYTES = 1024;

/** A publish request as it came, with where each message's bytes start and end: [start, end, start, end, …]. */
export interface PublishRequest {
  topic: string;
  raw: Buffer;
  spans: number[];
}

export interface DecodedMessage {
  data: Buffer;
  attributes: Record<string, string>;
  orderingKey: string;
}

/** Reads a PublishRequest down to the boundaries of its messages. */
export function readPublishRequest(bytes: Buffer): PublishRequest {
  // A small request is a view of a network chunk of up to 64 KiB, which it would keep alive for as long as it is unacked.
  const raw = bytes.length * 4 < bytes.buffer.byteLength ? Buffer.from(bytes) : bytes;
  const reader = new WireReader(raw);
  const spans: number[] = [];
  let topic = '';
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === 10) topic = reader.string();
    else if (tag === 18) {
      const end = reader.span();
      spans.push(reader.at, end);
      reader.at = end;
    } else reader.skip(tag & 7);
  }
  return { topic, raw, spans };
}

/** Where the messages are in a publish request that was read before. */
export function messageSpans(raw: Buffer): number[] {
  return readPublishRequest(raw).spans;
}

/** Throws INVALID_ARGUMENT for a request that breaks one of Pub/Sub's documented limits. */
export function checkPublishRequest({ raw, spans }: PublishRequest): void {
  if (spans.length === 0) throw invalidArgument('The request contains no messages.');
  if (spans.length > MAX_MESSAGES * 2)
    throw invalidArgument(`The request contains more than ${MAX_MESSAGES} messages.`);
  // A message's own limit is the same, and so never met first.
  if (raw.length > MAX_REQUEST_BYTES)
    throw invalidArgument(
      `The value for request_size is too large. You passed ${raw.length} in the request, but the maximum value is ${MAX_REQUEST_BYTES}.`,
    );
  for (let at = 0; at < spans.length; at += 2) checkMessage(raw, spans[at] as number, spans[at + 1] as number);
}

function checkMessage(raw: Buffer, from: number, to: number): void {
  const reader = new WireReader(raw, from, to);
  let attributes = 0;
  let dataBytes = 0;
  while (!reader.done) {
    const tag = reader.varint();
    if (tag >> 3 === ATTRIBUTES && (tag & 7) === 2) {
      const end = reader.span();
      checkAttribute(raw, reader.at, end);
      attributes++;
      reader.at = end;
    } else if (tag >> 3 === DATA || tag >> 3 === ORDERING_KEY) {
      if ((tag & 7) !== 2) throw new RangeError('wire type');
      const end = reader.span();
      if (tag >> 3 === DATA) dataBytes = end - reader.at;
      else if (end - reader.at > MAX_ORDERING_KEY_BYTES)
        throw invalidArgument(`The ordering key is longer than ${MAX_ORDERING_KEY_BYTES} bytes.`);
      reader.at = end;
    } else reader.skip(tag & 7);
  }
  if (attributes > MAX_ATTRIBUTES) throw invalidArgument(`A message has more than ${MAX_ATTRIBUTES} attributes.`);
  if (dataBytes === 0 && attributes === 0)
    throw invalidArgument('Some messages are empty: a message needs data or at least one attribute.');
}

function checkAttribute(raw: Buffer, from: number, to: number): void {
  const reader = new WireReader(raw, from, to);
  let keyFrom = 0;
  let keyTo = 0;
  while (!reader.done) {
    const tag = reader.varint();
    if (tag !== 10 && tag !== 18) {
      reader.skip(tag & 7);
      continue;
    }
    const end = reader.span();
    if (tag === 10) {
      keyFrom = reader.at;
      keyTo = end;
    } else if (end - reader.at > MAX_ATTRIBUTE_VALUE_BYTES)
      throw invalidArgument(`An attribute value is longer than ${MAX_ATTRIBUTE_VALUE_BYTES} bytes.`);
    reader.at = end;
  }
  if (keyTo === keyFrom) throw invalidArgument('An attribute key is empty.');
  if (keyTo - keyFrom > MAX_ATTRIBUTE_KEY_BYTES)
    throw invalidArgument(`An attribute key is longer than ${MAX_ATTRIBUTE_KEY_BYTES} bytes.`);
  if (raw[keyFrom] === 103 && textOf(raw, keyFrom, keyFrom + 4) === 'goog' && !isClientAttribute(raw, keyFrom, keyTo))
    throw invalidArgument('An attribute key starts with "goog".');
}

/** The official clients publish their trace context under `googclient_…`, which the service lets through. */
function isClientAttribute(raw: Buffer, from: number, to: number): boolean {
  return textOf(raw, from, to).startsWith('googclient_');
}

/** The ordering key of the message between the two offsets, or ''. */
export function orderingKeyOf(raw: Buffer, from: number, to: number): string {
  const reader = new WireReader(raw, from, to);
  let key = '';
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === 42) key = reader.string();
    else reader.skip(tag & 7);
  }
  return key;
}

/** The message between the two offsets; `data` is a view, not a copy. */
export function decodeMessage(raw: Buffer, from: number, to: number): DecodedMessage {
  const reader = new WireReader(raw, from, to);
  // Without a prototype: a key may be "constructor".
  const message: DecodedMessage = { data: raw.subarray(0, 0), attributes: Object.create(null), orderingKey: '' };
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === 10) {
      const end = reader.span();
      message.data = asBuffer(raw).subarray(reader.at, end);
      reader.at = end;
    } else if (tag === 18) {
      const end = reader.span();
      const [key, value] = readEntry(raw, reader.at, end);
      message.attributes[key] = value;
      reader.at = end;
    } else if (tag === 42) message.orderingKey = reader.string();
    else reader.skip(tag & 7);
  }
  return message;
}

/** The attributes of the message between the two offsets. */
export function attributesOf(raw: Buffer, from: number, to: number): Record<string, string> {
  const attributes: Record<string, string> = Object.create(null);
  const reader = new WireReader(raw, from, to);
  while (!reader.done) {
    const tag = reader.varint();
    if (tag !== 18) {
      reader.skip(tag & 7);
      continue;
    }
    const end = reader.span();
    const [key, value] = readEntry(raw, reader.at, end);
    attributes[key] = value;
    reader.at = end;
  }
  return attributes;
}

function readEntry(raw: Buffer, from: number, to: number): [string, string] {
  const reader = new WireReader(raw, from, to);
  let key = '';
  let value = '';
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === 10) key = reader.string();
    else if (tag === 18) value = reader.string();
    else reader.skip(tag & 7);
  }
  return [key, value];
}

/** A publish request for `topic` whose messages are the given bodies, each followed by the encoded `attributes`. */
export function buildPublishRequest(topic: string, bodies: readonly Uint8Array[], attributes: Uint8Array): Buffer {
  const name = Buffer.from(topic);
  let size = 1 + varintLength(name.length) + name.length;
  for (const body of bodies) {
    const length = body.length + attributes.length;
    size += 1 + varintLength(length) + length;
  }
  const raw = Buffer.allocUnsafe(size);
  raw[0] = 10;
  let at = writeVarint(raw, 1, name.length);
  at += name.copy(raw, at);
  for (const body of bodies) {
    raw[at++] = 18;
    at = writeVarint(raw, at, body.length + attributes.length);
    raw.set(body, at);
    raw.set(attributes, at + body.length);
    at += body.length + attributes.length;
  }
  return raw;
}

/** The attributes as PubsubMessage fields, to be put after a message's own bytes. */
export function encodeAttributes(attributes: Record<string, string>): Buffer {
  const parts = Object.entries(attributes).map(([key, value]) => {
    const entry = Buffer.concat([stringField(1, key), stringField(2, value)]);
    return Buffer.concat([Buffer.from([18]), varintBytes(entry.length), entry]);
  });
  return Buffer.concat(parts);
}

function stringField(number: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varintBytes(bytes.length), bytes]);
}

function varintBytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(varintLength(value));
  writeVarint(bytes, 0, value);
  return bytes;
}
