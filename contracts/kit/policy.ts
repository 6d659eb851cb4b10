import * as z from 'zod';
import { decimal } from './decimal.ts';
import { tradingState } from './trading-terms.ts';

/**
 * A tenant's policy as every function reads it, from the fast copy in Firestore at `policies/{tenant}`. PostgreSQL, in `risk`,
 * is the truth; `version` rises by one with each change of any field.
 */
export const policySnapshot = z.object({
  version: z.int().min(1),
  mode: z.string().min(1),
  tradingState,
  /** Rises with each halt: an approval made before it is worth nothing after. */
  haltEpoch: z.int().min(0),
  /** Multiplies position sizes; `0.5` in a defensive mode. */
  sizeMultiplier: decimal,
  /** Signals below it are refused. 0 to 1. */
  minimumConfidence: decimal,
});
export type PolicySnapshot = z.infer<typeof policySnapshot>;
