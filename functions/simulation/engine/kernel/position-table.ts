/**
 * Finds the position at which an operation stands already, by what it is and what it reads. Open addressing over positions alone: a
 * Map keyed by packed operands spent a tenth of compiling 100,000 formulas on its keys, numbers past 31 bits and texts, and on
 * collecting them.
 */
export type PositionTable = {
  /** The standing position that `same` confirms, or -1. */
  readonly find: (hash: number, same: (position: number) => boolean) => number;
  /** Puts in a position that is not in yet. */
  readonly add: (hash: number, position: number) => void;
};

const leastSlots = 1024;

export function createPositionTable(): PositionTable {
  let positions = new Int32Array(leastSlots).fill(-1);
  let hashes = new Int32Array(leastSlots);
  let used = 0;

  function put(hash: number, position: number): void {
    const mask = positions.length - 1;
    let slot = hash & mask;
    while ((positions[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
    positions[slot] = position;
    hashes[slot] = hash;
  }

  function grow(): void {
    const [oldPositions, oldHashes] = [positions, hashes];
    positions = new Int32Array(oldPositions.length * 2).fill(-1);
    hashes = new Int32Array(oldPositions.length * 2);
    for (let slot = 0; slot < oldPositions.length; slot += 1) {
      const position = oldPositions[slot] ?? -1;
      if (position >= 0) put(oldHashes[slot] ?? 0, position);
    }
  }

  return {
    find: (hash, same) => {
      const mask = positions.length - 1;
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const position = positions[slot] ?? -1;
        if (position < 0) return -1;
        if (hashes[slot] === hash && same(position)) return position;
      }
    },
    add: (hash, position) => {
      used += 1;
      if (used * 2 > positions.length) grow();
      put(hash, position);
    },
  };
}

/** Spreads an operation's number and its operands over 32 bits: multiply and shift, as MurmurHash3's last step does. */
export function operationHash(operation: number, a: number, b: number, c: number): number {
  let hash = Math.imul(operation + 1, 0x9e3779b1) ^ Math.imul(a + 1, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35) ^ Math.imul(b + 1, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 13), 0x165667b1) ^ Math.imul(c + 1, 0x9e3779b1);
  return hash ^ (hash >>> 16);
}
