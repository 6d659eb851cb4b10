/** Why a signal may not become an order, in the order in which the checks are made: the first that fails is the reason given. */
export const REASONS = [
  'policy-unavailable',
  'halted',
  'reducing-only',
  'mode',
  'drawdown',
  'circuit-breaker',
  'duplicate',
  'not-tradable',
  'no-price',
  'stale-price',
  'collar',
  'confidence',
  'size-rounds-to-zero',
  'tick-size',
  'lot-size',
  'order-limit',
  'position-limit',
  'notional-limit',
  'rate-limit',
] as const;
export type Reason = (typeof REASONS)[number];
