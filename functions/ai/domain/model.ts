import type { Side } from '#contracts/kit/trading-terms.ts';
import { type EfficiencyState, efficiency, nextEfficiency, START_OF_EFFICIENCY } from './efficiency.ts';
import { combine, type Opinions, STRATEGIES, type Strategy } from './ensemble.ts';
import { hear, type Standing } from './hysteresis.ts';
import { type MeanReversionState, meanReversionView, nextMeanReversion, startMeanReversion } from './mean-reversion.ts';
import { type MomentumState, momentumView, nextMomentum, startMomentum } from './momentum.ts';
import { nextVariance } from './volatility.ts';

/** Named on every signal, and part of the state's key: a change of any method, span or threshold is a new version beside the old. */
export const MODEL_VERSION = 'momentum-reversion-1';

/** No opinion before the slow average has seen its span. */
const WARM_UP_BARS = 32;
/** Volatility below this share of the price is what rounding leaves of one that has decayed: no scale to measure a move by. */
const LEAST_RELATIVE_VOLATILITY = 1e-9;

/** All that the model remembers of an instrument: as large after a million bars as after one. */
export type ModelState = {
  /** The last close. */
  price: number;
  /** Bars seen. */
  bars: number;
  /** Of one bar's price change. */
  variance: number;
  momentum: MomentumState;
  meanReversion: MeanReversionState;
  efficiency: EfficiencyState;
  standings: Record<Strategy, Standing>;
};

/** A strategy's opinion, strong enough to act on and not said before. */
export interface SpokenOpinion {
  strategy: Strategy;
  side: Side;
  /** 0 to 1. */
  confidence: number;
}

export interface Observation {
  state: ModelState;
  spoken: SpokenOpinion[];
  /** Standard deviation of one bar's price change, in price units. */
  volatility: number;
  /** What the opinions were formed on. */
  features: Record<string, number>;
}

/** Adds a bar's close to what is known of its instrument, in constant time. Undefined before: the first bar. */
export function observe(before: ModelState | undefined, price: number): Observation {
  const state = before === undefined ? startingAt(price) : moved(before, price);
  const volatility = Math.sqrt(state.variance);
  if (state.bars < WARM_UP_BARS || volatility <= Math.abs(price) * LEAST_RELATIVE_VOLATILITY)
    return { state, spoken: [], volatility, features: {} };

  const trend = efficiency(state.efficiency);
  const momentum = momentumView(state.momentum, volatility);
  const meanReversion = meanReversionView(state.meanReversion, price);
  const opinions = combine(momentum, meanReversion, trend);
  const { standings, spoken } = hearEach(state.standings, opinions);
  return {
    state: { ...state, standings },
    spoken,
    volatility,
    features: { momentum, meanReversion, efficiency: trend, opinion: opinions.ensemble, volatility },
  };
}

function startingAt(price: number): ModelState {
  return {
    price,
    bars: 1,
    variance: 0,
    momentum: startMomentum(price),
    meanReversion: startMeanReversion(price),
    efficiency: START_OF_EFFICIENCY,
    standings: { ensemble: null, momentum: null, 'mean-reversion': null },
  };
}

function moved(before: ModelState, price: number): ModelState {
  const change = price - before.price;
  return {
    price,
    bars: before.bars + 1,
    variance: nextVariance(before.variance, change),
    momentum: nextMomentum(before.momentum, price),
    meanReversion: nextMeanReversion(before.meanReversion, price),
    efficiency: nextEfficiency(before.efficiency, change),
    standings: before.standings,
  };
}

function hearEach(before: ModelState['standings'], opinions: Opinions) {
  const standings = { ...before };
  const spoken: SpokenOpinion[] = [];
  for (const strategy of STRATEGIES) {
    const opinion = opinions[strategy];
    const heard = hear(before[strategy], opinion);
    standings[strategy] = heard.standing;
    if (heard.speaks !== null) spoken.push({ strategy, side: heard.speaks, confidence: Math.abs(opinion) });
  }
  return { standings, spoken };
}
