import { crc32 } from 'node:zlib';

/**
 * A record in a file: payload length, CRC-32 of the payload, CRC-32 of these two (each 4 bytes, little endian), then the
 * payload. The head has a checksum of its own so that a damaged length is told from a write that was cut short.
 */
export const HEAD_BYTES = 12;

const OWN_CHECKSUM_AT = 8;

export interface RecordHead {
  payloadBytes: number;
  payloadCrc: number;
}

/** A payload with its head in front, in one buffer. */
export function frameRecord(payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  record.set(payload, HEAD_BYTES);
  sealRecord(record);
  return record;
}

/**
 * Fills in the first HEAD_BYTES of `record`, whose payload lies behind them. A long rest of the payload may stay in a
 * buffer of its own, to be written after it without a copy.
 */
export function sealRecord(record: Buffer, rest?: Uint8Array): void {
  const payload = record.subarray(HEAD_BYTES);
  const crc = crc32(payload);
  record.writeUInt32LE(payload.length + (rest?.length ?? 0), 0);
  record.writeUInt32LE(rest === undefined ? crc : crc32(rest, crc), 4);
  record.writeUInt32LE(crc32(record.subarray(0, OWN_CHECKSUM_AT)), OWN_CHECKSUM_AT);
}

/** The head that these HEAD_BYTES hold, or undefined where its checksum does not match. */
export function readHead(bytes: Buffer): RecordHead | undefined {
  if (crc32(bytes.subarray(0, OWN_CHECKSUM_AT)) !== bytes.readUInt32LE(OWN_CHECKSUM_AT)) return undefined;
  return { payloadBytes: bytes.readUInt32LE(0), payloadCrc: bytes.readUInt32LE(4) };
}
