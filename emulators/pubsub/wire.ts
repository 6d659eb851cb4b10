/**
 * The protocol buffer primitives that the hot path needs, over bytes in place.
 *
 * Publish, StreamingPull, Acknowledge and ModifyAckDeadline do not go through protobufjs: its object for every message,
 * attribute map and ack id was a third of the server's time (garbage collection 24 %, protobufjs 10 %).
 */

/** Reads protocol buffer fields from a part of a buffer, without copying it. Throws RangeError when cut short. */
export class WireReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** An unsigned varint up to 2^53; a larger or negative one comes out as an imprecise number above every limit. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let length = 0; length < 10; length++) {
      if (this.at >= this.end) throw new RangeError('cut short');
      const byte = this.bytes[this.at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new RangeError('varint too long');
  }

  /** A signed 32-bit value: the low 32 bits of a varint, of which a negative one has ten bytes. */
  int32(): number {
    let value = 0;
    for (let length = 0; length < 10; length++) {
      if (this.at >= this.end) throw new RangeError('cut short');
      const byte = this.bytes[this.at++] as number;
      if (length < 5) value |= (byte & 0x7f) << (7 * length);
      if (byte < 0x80) return value;
    }
    throw new RangeError('varint too long');
  }

  /** The end of the length-delimited field whose length is next; the field starts at `at`. */
  span(): number {
    const length = this.varint();
    const end = this.at + length;
    if (end > this.end) throw new RangeError('cut short');
    return end;
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint();
    else if (wireType === 1) this.at += 8;
    else if (wireType === 2) this.at = this.span();
    else if (wireType === 5) this.at += 4;
    else throw new RangeError(`wire type ${wireType}`);
    if (this.at > this.end) throw new RangeError('cut short');
  }

  string(): string {
    const end = this.span();
    const text = textOf(this.bytes, this.at, end);
    this.at = end;
    return text;
  }
}

export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return asBuffer(bytes).utf8Slice(from, to);
}

interface SlicingBuffer extends Buffer {
  utf8Slice(from: number, to: number): string;
  base64Slice(from: number, to: number): string;
}

/** Node's Buffer decodes a range without a subarray; its types leave those methods out. */
export function asBuffer(bytes: Uint8Array): SlicingBuffer {
  return bytes as SlicingBuffer;
}

export function varintLength(value: number): number {
  let length = 1;
  while (value >= 128) {
    value = Math.floor(value / 128);
    length++;
  }
  return length;
}

/** Writes a varint below 2^53 and returns the offset after it. */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
  while (value >= 128) {
    into[at++] = (value % 128) | 0x80;
    value = Math.floor(value / 128);
  }
  into[at++] = value;
  return at;
}

/** Writes `value` in `digits` decimal digits and returns the offset after them. */
export function writeDecimal(into: Uint8Array, at: number, value: number, digits: number): number {
  for (let index = at + digits - 1; index >= at; index--) {
    const tenth = Math.floor(value / 10);
    into[index] = 48 + (value - tenth * 10);
    value = tenth;
  }
  return at + digits;
}

export function decimalLength(value: number): number {
  let length = 1;
  for (let limit = 10; value >= limit; limit *= 10) length++;
  return length;
}
