import {
  add,
  compare,
  type Decimal,
  divide,
  isNegative,
  larger,
  multiply,
  sign,
  subtract,
} from '#contracts/kit/decimal.ts';

/** A drawdown that was told of counts as recovered once it has shrunk to this share of the limit: no flutter around it. */
const RECOVERED_SHARE_OF_LIMIT = '0.5';
/** It is told of again each time it has deepened by this share of the peak: whoever listens has limits of their own. */
const DEEPENED_BY = '0.01';

/** A tenant's equity in one currency, as the marks before have left it. */
export interface Account {
  readonly currency: string;
  readonly startingEquity: Decimal;
  readonly peakEquity: Decimal;
  /** Share of the peak that may be lost, above 0 and at most 1. */
  readonly drawdownLimit: Decimal;
  /** The drawdown last told of; null while none stands. */
  readonly toldDrawdown: Decimal | null;
}

export interface Assessment {
  readonly equity: Decimal;
  readonly peakEquity: Decimal;
  /** Share of the peak lost: 0 to 1, and above 1 once equity is negative. */
  readonly drawdown: Decimal;
  readonly change: 'breached' | 'deepened' | 'recovered' | 'none';
}

/** Where equity stands against its peak. An account that began with nothing has no share to lose. */
export function assess(account: Account, equity: Decimal): Assessment {
  const peakEquity = larger(account.peakEquity, equity);
  const drawdown = drawdownOf(peakEquity, equity);
  return { equity, peakEquity, drawdown, change: changeOf(account, drawdown) };
}

/** Share of the peak lost; 0 where the peak is not above zero. */
export function drawdownOf(peakEquity: Decimal, equity: Decimal): Decimal {
  if (sign(peakEquity) <= 0) return '0';
  const lost = subtract(peakEquity, equity);
  return isNegative(lost) ? '0' : divide(lost, peakEquity);
}

function changeOf({ toldDrawdown, drawdownLimit }: Account, drawdown: Decimal): Assessment['change'] {
  if (toldDrawdown === null) return compare(drawdown, drawdownLimit) > 0 ? 'breached' : 'none';
  if (compare(drawdown, add(toldDrawdown, DEEPENED_BY)) >= 0) return 'deepened';
  const recovered = multiply(drawdownLimit, RECOVERED_SHARE_OF_LIMIT);
  return compare(drawdown, recovered) <= 0 ? 'recovered' : 'none';
}
