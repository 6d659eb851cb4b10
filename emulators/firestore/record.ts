import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/**
 * Records in a file: length, checksum of the payload, checksum of these two (each 4 bytes, little endian), payload.
 * The header has a checksum of its own so that a damaged length is not taken for a record cut short.
 */
const HEADER_BYTES = 12;

const WINDOW_BYTES = 1 << 20;

export function frameRecord(payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  record.writeUInt32LE(payload.length, 0);
  record.writeUInt32LE(crc32(payload), 4);
  record.writeUInt32LE(crc32(record.subarray(0, 8)), 8);
  record.set(payload, HEADER_BYTES);
  return record;
}

/** How a file's records end: whole, cut short by a crash, or damaged; with the offset up to which they are whole. */
export interface RecordsEnd {
  kind: 'whole' | 'torn' | 'corrupt';
  offset: number;
}

/** Hands each record's payload to `take`, which may keep no part of it, and answers how the file ends. */
export function readRecords(path: string, take: (payload: Buffer) => void): RecordsEnd {
  const file = openSync(path, 'r');
  try {
    const window = fileWindow(file);
    for (let offset = 0; ; ) {
      const left = window.size - offset;
      if (left === 0) return { kind: 'whole', offset };
      if (left < HEADER_BYTES) return { kind: 'torn', offset };
      const header = window.bytes(offset, HEADER_BYTES);
      if (crc32(header.subarray(0, 8)) !== header.readUInt32LE(8))
        return { kind: withoutHeader(window, offset), offset };
      const length = header.readUInt32LE(0);
      const checksum = header.readUInt32LE(4);
      const end = offset + HEADER_BYTES + length;
      if (end > window.size) return { kind: 'torn', offset };
      const payload = window.bytes(offset + HEADER_BYTES, length);
      if (crc32(payload) !== checksum) return { kind: end === window.size ? 'torn' : 'corrupt', offset };
      take(payload);
      offset = end;
    }
  } finally {
    closeSync(file);
  }
}

interface FileWindow {
  size: number;
  /** Valid until the next call. */
  bytes(offset: number, length: number): Buffer;
}

function fileWindow(file: number): FileWindow {
  const { size } = fstatSync(file);
  let start = 0;
  let loaded = Buffer.alloc(0);
  return {
    size,
    bytes(offset, length) {
      if (offset < start || offset + length > start + loaded.length) {
        start = offset;
        loaded = Buffer.allocUnsafe(Math.min(Math.max(length, WINDOW_BYTES), size - offset));
        for (let read = 0; read < loaded.length; ) {
          read += readSync(file, loaded, read, loaded.length - read, start + read);
        }
      }
      return loaded.subarray(offset - start, offset - start + length);
    },
  };
}

/** After a power cut a file may have grown without its bytes: zeros to the end are a torn write, too. */
function withoutHeader(window: FileWindow, from: number): 'torn' | 'corrupt' {
  for (let offset = from; offset < window.size; offset += WINDOW_BYTES) {
    const bytes = window.bytes(offset, Math.min(WINDOW_BYTES, window.size - offset));
    if (bytes.some((byte) => byte !== 0)) return 'corrupt';
  }
  return 'torn';
}
