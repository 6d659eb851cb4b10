import { ACK_ID_LENGTH, writeAckId } from './ack-id.ts';
import type { Delivery } from './delivery.ts';
import type { Batch, MessageStore } from './message-store.ts';
import { decimalLength, varintLength, writeDecimal, writeVarint } from './wire.ts';

/** Tag and length byte of ack_id (ReceivedMessage field 1), then the id. */
const ACK_ID_FIELD_BYTES = 2 + ACK_ID_LENGTH;

/**
 * Leased messages as `repeated ReceivedMessage received_messages = 1`, which is a whole PullResponse and a whole
 * StreamingPullResponse. A message is what its publisher sent, byte for byte, with message_id and publish_time after it.
 */
export function encodeReceived(store: MessageStore, deliveries: readonly Delivery[], withAttempts: boolean): Buffer {
  let size = 0;
  for (const delivery of deliveries) {
    const length = receivedLength(delivery, withAttempts);
    size += 1 + varintLength(length) + length;
  }
  const into = Buffer.allocUnsafe(size);
  let at = 0;
  for (const delivery of deliveries) {
    into[at] = 10;
    at = writeVarint(into, at + 1, receivedLength(delivery, withAttempts));
    at = writeReceived(into, at, store, delivery);
    if (withAttempts) {
      into[at] = 24;
      at = writeVarint(into, at + 1, delivery.failures + 1);
    }
  }
  return into;
}

function receivedLength(delivery: Delivery, withAttempts: boolean): number {
  const message = messageLength(delivery);
  const attempts = withAttempts ? 1 + varintLength(delivery.failures + 1) : 0;
  return ACK_ID_FIELD_BYTES + 1 + varintLength(message) + message + attempts;
}

function messageLength({ batch, bytes, index }: Delivery): number {
  const { firstSequence, publishTime } = batch as Batch;
  return bytes + 2 + decimalLength(firstSequence + index) + 2 + timeLength(publishTime);
}

function writeReceived(into: Buffer, at: number, store: MessageStore, delivery: Delivery): number {
  const batch = delivery.batch as Batch;
  into[at++] = 10;
  into[at++] = ACK_ID_LENGTH;
  at = writeAckId(into, at, delivery.slot, delivery.generation);
  into[at++] = 18;
  at = writeVarint(into, at, messageLength(delivery));
  const from = store.spansOf(batch)[delivery.index * 2] as number;
  store.rawOf(batch).copy(into, at, from, from + delivery.bytes);
  at += delivery.bytes;
  const sequence = batch.firstSequence + delivery.index;
  const digits = decimalLength(sequence);
  into[at++] = 26;
  into[at++] = digits;
  at = writeDecimal(into, at, sequence, digits);
  into[at++] = 34;
  into[at++] = timeLength(batch.publishTime);
  return writeTime(into, at, batch.publishTime);
}

function timeLength(milliseconds: number): number {
  const seconds = Math.floor(milliseconds / 1000);
  return 1 + varintLength(seconds) + 1 + varintLength((milliseconds - seconds * 1000) * 1_000_000);
}

function writeTime(into: Buffer, at: number, milliseconds: number): number {
  const seconds = Math.floor(milliseconds / 1000);
  into[at] = 8;
  at = writeVarint(into, at + 1, seconds);
  into[at] = 16;
  return writeVarint(into, at + 1, (milliseconds - seconds * 1000) * 1_000_000);
}

/** A PublishResponse: `repeated string message_ids = 1`, consecutive numbers. */
export function encodePublishResponse(firstSequence: number, count: number): Buffer {
  const digits = decimalLength(firstSequence + count - 1);
  const into = Buffer.allocUnsafe(count * (2 + digits));
  let at = 0;
  for (let sequence = firstSequence; sequence < firstSequence + count; sequence++) {
    const length = decimalLength(sequence);
    into[at] = 10;
    into[at + 1] = length;
    at = writeDecimal(into, at + 2, sequence, length);
  }
  return into.subarray(0, at);
}
