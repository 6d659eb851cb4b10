import { deserialize, serialize } from 'node:v8';
import type { PreparedRun } from '../engine/request/prepare.ts';

/** A prepared run as its workers share it. */
export type KeptRun = PreparedRun & {
  /** The columns whose samples were settled before the run; each lies by its number. */
  readonly suppliedColumns: readonly number[];
};

/** Structured clones, not JSON: models hold numbers that JSON has no text for, and tables as arrays of doubles. */
export function encodePrepared(run: KeptRun): Uint8Array {
  return serialize(run);
}

/** Throws where the bytes were not written by `encodePrepared`. */
export function decodePrepared(bytes: Uint8Array): KeptRun {
  return deserialize(bytes) as KeptRun;
}
