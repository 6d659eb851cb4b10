/**
 * Fused multiplications and additions of doubles that a multiprocessor finishes in one clock, by compute capability:
 * NVIDIA, "CUDA C++ Programming Guide", table "Throughput of Native Arithmetic Instructions".
 */
const doublesPerClock: Readonly<Record<string, number>> = {
  '6.0': 32,
  '6.1': 4,
  '7.0': 32,
  '7.5': 2,
  '8.0': 32,
  '8.6': 2,
  '8.9': 2,
  '9.0': 64,
  '10.0': 64,
  '12.0': 2,
};

/** What a chip is made of, as far as its peak goes. */
export type Chip = {
  readonly computeCapability: string;
  readonly multiprocessors: number;
  readonly clockHertz: number;
};

/** The chips that are spoken of where none is there, at their boost clocks (NVIDIA's data sheets). */
export const knownChips = {
  L4: { computeCapability: '8.9', multiprocessors: 58, clockHertz: 2.04e9 },
  H200: { computeCapability: '9.0', multiprocessors: 132, clockHertz: 1.98e9 },
} as const satisfies Record<string, Chip>;

/** Instructions on doubles that a chip finishes in a second; undefined for a capability that is not in the table. */
export function doubleInstructionsPerSecond(chip: Chip): number | undefined {
  const perClock = doublesPerClock[chip.computeCapability];
  return perClock === undefined ? undefined : perClock * chip.multiprocessors * chip.clockHertz;
}
