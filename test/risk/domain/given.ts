import type { Situation } from '../../../functions/risk/domain/facts.ts';
import type { Exposure, Lane } from '../../../functions/risk/domain/lane.ts';
import type { Limits } from '../../../functions/risk/domain/limits.ts';
import { NO_LOSSES } from '../../../functions/risk/domain/losses.ts';
import type { Mode, Policy } from '../../../functions/risk/domain/policy.ts';

export const LIMITS: Limits = {
  maxOrderLots: '20',
  maxPositionLots: '50',
  maxNotional: '10000000',
  maxOrdersPerBar: '4',
  maxDrawdown: '0.25',
  maxDailyLoss: '1000000',
  maxLossStreak: '3',
  maxSignalAgeBars: '5',
};

export const NORMAL: Mode = {
  mode: 'NORMAL',
  sizeMultiplier: '1',
  minimumConfidence: '0.6',
  permitsIncrease: true,
  needsSecondPerson: false,
  limits: LIMITS,
};

export const RUNNING: Policy = {
  version: 3,
  mode: 'NORMAL',
  tradingState: 'RUNNING',
  haltEpoch: 0,
  limits: LIMITS,
  drawdown: '0',
  changedBy: 'platform',
  changedAt: new Date('2020-01-01T00:00:00.000Z'),
  automatic: null,
};

export const FLAT: Exposure = { position: '0', reservedBuy: '0', reservedSell: '0' };

export const EMPTY_LANE: Lane = {
  current: FLAT,
  before: FLAT,
  sequence: 0,
  approvals: { sequence: 0, count: 0 },
  approvedMandates: {},
  losses: NO_LOSSES,
};

export function laneWith(exposure: Partial<Exposure>, rest: Partial<Lane> = {}): Lane {
  const current = { ...FLAT, ...exposure };
  return { ...EMPTY_LANE, current, before: current, ...rest };
}

interface Changes extends Partial<Omit<Situation, 'signal' | 'policy' | 'mode' | 'instrument'>> {
  signal?: Partial<Situation['signal']>;
  policy?: Partial<Policy>;
  mode?: Partial<Mode>;
  instrument?: Partial<NonNullable<Situation['instrument']>>;
}

/** WTI at 20.00 on bar 100, a buy of confidence 0.8 under a mandate of 10 lots, and nothing against it. */
export function given({ signal, policy, mode, instrument, ...rest }: Changes = {}): Situation {
  return {
    signal: {
      mandateId: 'mandate-1',
      instrument: 'WTI',
      purpose: 'STRATEGY',
      side: 'BUY',
      confidence: '0.8',
      price: '20',
      limitPrice: undefined,
      volatility: '0.5',
      maxPositionLots: '10',
      sequence: 100,
      observedAt: '2020-04-17T00:00:00.000Z',
      ...signal,
    },
    policy: { ...RUNNING, ...policy },
    mode: { ...NORMAL, ...mode },
    fastCopy: { kind: 'known', version: 3 },
    instrument: {
      tradable: true,
      multiplier: '1000',
      tickSize: '0.01',
      lotSize: '1',
      collarVolatilities: '10',
      ...instrument,
    },
    reference: { sequence: 99, close: '19.8' },
    latestSequence: 100,
    lane: EMPTY_LANE,
    ...rest,
  };
}
