import { compare, type Decimal, smaller } from '#contracts/kit/decimal.ts';

/** Upper limits, one and all: a larger number is looser. Units are the contract's, in contracts/risk/api.ts. */
export interface Limits {
  maxOrderLots: Decimal;
  maxPositionLots: Decimal;
  maxNotional: Decimal;
  maxOrdersPerBar: Decimal;
  maxDrawdown: Decimal;
  maxDailyLoss: Decimal;
  maxLossStreak: Decimal;
  maxSignalAgeBars: Decimal;
}

/** What decisions go by: of each limit, the tighter of the tenant's own and its mode's. */
export function effectiveLimits(own: Limits, ofMode: Limits): Limits {
  return mapLimits((name) => smaller(own[name], ofMode[name]));
}

/** The limits that `to` loosens. */
export function raised(from: Limits, to: Limits): (keyof Limits)[] {
  return limitNames(from).filter((name) => compare(to[name], from[name]) > 0);
}

export function sameLimits(left: Limits, right: Limits): boolean {
  return limitNames(left).every((name) => compare(left[name], right[name]) === 0);
}

function limitNames(limits: Limits): (keyof Limits)[] {
  return Object.keys(limits) as (keyof Limits)[];
}

function mapLimits(of: (name: keyof Limits) => Decimal): Limits {
  return {
    maxOrderLots: of('maxOrderLots'),
    maxPositionLots: of('maxPositionLots'),
    maxNotional: of('maxNotional'),
    maxOrdersPerBar: of('maxOrdersPerBar'),
    maxDrawdown: of('maxDrawdown'),
    maxDailyLoss: of('maxDailyLoss'),
    maxLossStreak: of('maxLossStreak'),
    maxSignalAgeBars: of('maxSignalAgeBars'),
  };
}
