import { HEAD_BYTES as FRAME_BYTES, sealRecord } from '../log/frame.ts';

/** In front of what a record says: the log's own head, and the record's type. */
export const HEAD_BYTES = FRAME_BYTES + 4;
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

/** Completes a record whose payload lies behind the head in `record`, and goes on in `raw`. */
function seal(type: RecordType, record: Buffer, raw?: Buffer): void {
  record.writeUInt32LE(type, FRAME_BYTES);
  sealRecord(record, raw);
}

/** What a record of the log says, and of which type it is. */
export function readRecord(record: Buffer): { type: number; payload: Buffer } {
  return { type: record.readUInt32LE(0), payload: record.subarray(HEAD_BYTES - FRAME_BYTES) };
}

/** A publish request as the client sent it, after its head: the request's bytes are written without a copy. */
export function publishRecord(record: PublishRecord, raw: Buffer): Buffer[] {
  const prefix = Buffer.allocUnsafe(PUBLISH_RAW_OFFSET);
  prefix.writeUInt32LE(record.topicUid, HEAD_BYTES);
  prefix.writeUInt32LE(record.count, HEAD_BYTES + 4);
  prefix.writeDoubleLE(record.firstSequence, HEAD_BYTES + 8);
  prefix.writeDoubleLE(record.publishTime, HEAD_BYTES + 16);
  seal(RecordType.publish, prefix, raw);
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
  seal(RecordType.acks, record);
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
  seal(RecordType.attempts, record);
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
  seal(RecordType.segment, record);
  return record;
}

export const readSegment = (payload: Buffer): number => payload.readDoubleLE(0);
