/** What execution knows of a tenant's halts. Both numbers only rise. */
export interface Halt {
  /** The latest halt that execution has heard of; 0 before the first. */
  readonly epoch: number;
  /** The latest halt that is known to be over. */
  readonly clearedEpoch: number;
}

function isHalted({ epoch, clearedEpoch }: Halt): boolean {
  return epoch > clearedEpoch;
}

/**
 * Why an order decided in `decidedInEpoch` may not be sent now; undefined where it may. An epoch above our own is a halt that was
 * over before we heard of it: it refuses nothing.
 */
export function refusalOf(
  halt: Halt,
  decidedInEpoch: number,
): { reason: 'halted' | 'stale-approval'; detail: string } | undefined {
  if (isHalted(halt)) return { reason: 'halted', detail: `trading is halted since epoch ${halt.epoch}` };
  if (decidedInEpoch < halt.epoch) {
    return {
      reason: 'stale-approval',
      detail: `decided in halt epoch ${decidedInEpoch}, and it is ${halt.epoch} now`,
    };
  }
  return undefined;
}
