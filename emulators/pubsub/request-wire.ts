import { ACK_ID_LENGTH, generationAt, slotAt } from './ack-id.ts';
import { textOf, WireReader } from './wire.ts';

/** Ack ids as numbers, two for each: slot, generation. */
export interface AckIds {
  /** An id that is none of ours is -1, -1. */
  numbers: number[];
  /** The texts of those that are none of ours. */
  malformed: string[];
}

export interface AckRequest {
  subscription: string;
  ackIds: AckIds;
  /** Size of the request. */
  bytes: number;
}

const noAckIds = (): AckIds => ({ numbers: [], malformed: [] });

export interface ModifyAckDeadlineRequest extends AckRequest {
  seconds: number;
}

export interface StreamingPullRequest {
  subscription: string;
  ackIds: AckIds;
  modifyAckIds: AckIds;
  modifySeconds: number[];
  streamAckDeadlineSeconds: number;
  maxOutstandingMessages: number;
  maxOutstandingBytes: number;
}

function readAckId(reader: WireReader, into: AckIds): void {
  const end = reader.span();
  const isOurs = end - reader.at === ACK_ID_LENGTH;
  const slot = isOurs ? slotAt(reader.bytes, reader.at) : -1;
  const generation = isOurs ? generationAt(reader.bytes, reader.at) : -1;
  if (slot < 0 || generation < 0) {
    into.malformed.push(textOf(reader.bytes, reader.at, end));
    into.numbers.push(-1, -1);
  } else into.numbers.push(slot, generation);
  reader.at = end;
}

/** AcknowledgeRequest: subscription = 1, ack_ids = 2. */
export function readAcknowledge(bytes: Buffer): AckRequest {
  const reader = new WireReader(bytes);
  const request: AckRequest = { subscription: '', ackIds: noAckIds(), bytes: bytes.length };
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === 18) readAckId(reader, request.ackIds);
    else if (tag === 10) request.subscription = reader.string();
    else reader.skip(tag & 7);
  }
  return request;
}

/** ModifyAckDeadlineRequest: subscription = 1, ack_deadline_seconds = 3, ack_ids = 4. */
export function readModifyAckDeadline(bytes: Buffer): ModifyAckDeadlineRequest {
  const reader = new WireReader(bytes);
  const request: ModifyAckDeadlineRequest = { subscription: '', ackIds: noAckIds(), bytes: bytes.length, seconds: 0 };
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === 34) readAckId(reader, request.ackIds);
    else if (tag === 10) request.subscription = reader.string();
    else if (tag === 24) request.seconds = reader.int32();
    else reader.skip(tag & 7);
  }
  return request;
}

/** StreamingPullRequest; the deadlines come packed or one by one. */
export function readStreamingPull(bytes: Buffer): StreamingPullRequest {
  const reader = new WireReader(bytes);
  const request: StreamingPullRequest = {
    subscription: '',
    ackIds: noAckIds(),
    modifyAckIds: noAckIds(),
    modifySeconds: [],
    streamAckDeadlineSeconds: 0,
    maxOutstandingMessages: 0,
    maxOutstandingBytes: 0,
  };
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === 10) request.subscription = reader.string();
    else if (tag === 18) readAckId(reader, request.ackIds);
    else if (tag === 26) {
      const end = reader.span();
      while (reader.at < end) request.modifySeconds.push(reader.int32());
    } else if (tag === 24) request.modifySeconds.push(reader.int32());
    else if (tag === 34) readAckId(reader, request.modifyAckIds);
    else if (tag === 40) request.streamAckDeadlineSeconds = reader.int32();
    else if (tag === 56) request.maxOutstandingMessages = reader.varint();
    else if (tag === 64) request.maxOutstandingBytes = reader.varint();
    else reader.skip(tag & 7);
  }
  return request;
}
