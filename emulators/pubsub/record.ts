import { crc32 } from 'node:zlib';

/**
 * The log's records. Each is a 16-byte head (payload length, payload CRC-32, type, CRC-32 of the head before it), then
 * the payload. The head has a checksum of its own so that a damaged length is told from a write that was cut short.
 */

export const HEAD_BYTES = 16;
const PUBLISH_PREFIX_BYTES = 24;
const ACK_PREFIX_BYTES = 8;
const ACK_RANGE_BYTES = 12;

export const RecordType = { segment: 1, publish: 2, acks: 3, attempts: 4 } as const;
export type RecordType = (typeof RecordType)[keyof typeof RecordType];

/** Consecutive message sequences that a subscription has acknowledged. */
export interface AckRange {
  first: number;
  count: number;
}

export interface PublishRecord {
  topicUid: number;
  firstSequence: number;
  count: number;
  /** Milliseconds since 1970. */
  publishTime: number;
}

/** Where the publish request's own bytes start, counted from the start of the record. */
export const PUBLISH_RAW_OFFSET = HEAD_BYTES + PUBLISH_PREFIX_BYTES;

export interface RecordHead {
  type: number;
  payloadBytes: number;
  payloadCrc: number;
}

/** The head in front of a payload given in parts. */
function head(type: RecordType, prefix: Buffer, raw?: Buffer): void {
  const payload = prefix.subarray(HEAD_BYTES);
  const crc = crc32(payload);
  prefix.writeUInt32LE(payload.length + (raw?.length ?? 0), 0);
  prefix.writeUInt32LE(raw === undefined ? crc : crc32(raw, crc), 4);
  prefix.writeUInt32LE(type, 8);
  prefix.writeUInt32LE(crc32(prefix.subarray(0, 12)), 12);
}

/** The head at `at`, or undefined where its checksum does not hold. */
export function readHead(bytes: Buffer, at: number): RecordHead | undefined {
  if (crc32(bytes.subarray(at, at + 12)) !== bytes.readUInt32LE(at + 12)) return undefined;
  return {
    payloadBytes: bytes.readUInt32LE(at),
    payloadCrc: bytes.readUInt32LE(at + 4),
    type: bytes.readUInt32LE(at + 8),
  };
}

/** A publish request as the client sent it, after its head: the request's bytes are written without a copy. */
export function publishRecord(record: PublishRecord, raw: Buffer): Buffer[] {
  const prefix = Buffer.allocUnsafe(PUBLISH_RAW_OFFSET);
  prefix.writeUInt32LE(record.topicUid, HEAD_BYTES);
  prefix.writeUInt32LE(record.count, HEAD_BYTES + 4);
  prefix.writeDoubleLE(record.firstSequence, HEAD_BYTES + 8);
  prefix.writeDoubleLE(record.publishTime, HEAD_BYTES + 16);
  head(RecordType.publish, prefix, raw);
  return [prefix, raw];
}

export function readPublish(payload: Buffer): PublishRecord {
  return {
    topicUid: payload.readUInt32LE(0),
    count: payload.readUInt32LE(4),
    firstSequence: payload.readDoubleLE(8),
    publishTime: payload.readDoubleLE(16),
  };
}

/** The messages that a subscription will not be sent again. */
export function ackRecord(subscriptionUid: number, ranges: readonly AckRange[]): Buffer {
  const record = Buffer.allocUnsafe(HEAD_BYTES + ACK_PREFIX_BYTES + ranges.length * ACK_RANGE_BYTES);
  record.writeUInt32LE(subscriptionUid, HEAD_BYTES);
  record.writeUInt32LE(ranges.length, HEAD_BYTES + 4);
  let at = HEAD_BYTES + ACK_PREFIX_BYTES;
  for (const { first, count } of ranges) {
    record.writeDoubleLE(first, at);
    record.writeUInt32LE(count, at + 8);
    at += ACK_RANGE_BYTES;
  }
  head(RecordType.acks, record);
  return record;
}

export function readAcks(payload: Buffer): { subscriptionUid: number; ranges: AckRange[] } {
  const ranges: AckRange[] = [];
  for (let index = 0; index < payload.readUInt32LE(4); index++) {
    const at = ACK_PREFIX_BYTES + index * ACK_RANGE_BYTES;
    ranges.push({ first: payload.readDoubleLE(at), count: payload.readUInt32LE(at + 8) });
  }
  return { subscriptionUid: payload.readUInt32LE(0), ranges };
}

/** How often a message has failed on a subscription: its dead-letter count survives a restart. */
export function attemptsRecord(subscriptionUid: number, sequence: number, attempts: number): Buffer {
  const record = Buffer.allocUnsafe(HEAD_BYTES + 16);
  record.writeUInt32LE(subscriptionUid, HEAD_BYTES);
  record.writeUInt32LE(attempts, HEAD_BYTES + 4);
  record.writeDoubleLE(sequence, HEAD_BYTES + 8);
  head(RecordType.attempts, record);
  return record;
}

export function readAttempts(payload: Buffer): { subscriptionUid: number; sequence: number; attempts: number } {
  return {
    subscriptionUid: payload.readUInt32LE(0),
    attempts: payload.readUInt32LE(4),
    sequence: payload.readDoubleLE(8),
  };
}

/** The first record of a segment: the sequence numbers handed out before it outlive the segments that held them. */
export function segmentRecord(nextSequence: number): Buffer {
  const record = Buffer.allocUnsafe(HEAD_BYTES + 8);
  record.writeDoubleLE(nextSequence, HEAD_BYTES);
  head(RecordType.segment, record);
  return record;
}

export const readSegment = (payload: Buffer): number => payload.readDoubleLE(0);
