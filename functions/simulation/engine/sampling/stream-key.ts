import { createHash } from 'node:crypto';
import type { StreamKey } from '../kernel/philox.ts';

/**
 * The key of a random cell's stream: of the run's seed and the cell's identity alone, so that other cells and sheets
 * that come or go change nothing. `purpose` tells a cell's several streams apart.
 */
export function streamKey(seed: number, identity: string, purpose = ''): StreamKey {
  const digest = createHash('sha256').update(`${seed}\n${identity}\n${purpose}`).digest();
  return [digest.readInt32LE(0), digest.readInt32LE(4)];
}
