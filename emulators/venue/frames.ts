import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const CHUNK_BYTES = 1 << 20;
const NEWLINE = 0x0a;
const CRC_DIGITS = 8;

/** A record as a line: the CRC-32 of its JSON in hexadecimal, a space, the JSON. */
export function toFrame(record: object): string {
  const json = JSON.stringify(record);
  return `${crc32(json).toString(16).padStart(CRC_DIGITS, '0')} ${json}\n`;
}

/** A line of a file: its record, or undefined where the line is cut short or does not match its CRC. */
export interface Frame {
  offset: number;
  nextOffset: number;
  record: unknown;
}

/** Reads a file of frames from its start, holding no more than a chunk and a line. */
export function* readFrames(path: string): Generator<Frame> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest = Buffer.alloc(0);
    let offset = 0;
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      let from = 0;
      const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
        const record = recordOf(bytes.toString('utf8', from, end));
        yield { offset: offset + from, nextOffset: offset + end + 1, record };
        from = end + 1;
      }
      rest = bytes.subarray(from);
      offset += from;
    }
    if (rest.length > 0) yield { offset, nextOffset: offset + rest.length, record: undefined };
  } finally {
    closeSync(file);
  }
}

function recordOf(line: string): unknown {
  const json = line.slice(CRC_DIGITS + 1);
  return line.slice(0, CRC_DIGITS) === crc32(json).toString(16).padStart(CRC_DIGITS, '0')
    ? JSON.parse(json)
    : undefined;
}
