import * as z from 'zod';

/** A tradable contract or an index, as `market` names it: `CL`, `SB`, `BTC-PERP`. */
export const instrumentId = z.string().regex(/^[A-Z0-9][A-Z0-9._-]{0,31}$/, 'must be an instrument such as "CL"');

export const side = z.enum(['BUY', 'SELL']);
export type Side = z.infer<typeof side>;

/** Hedges bypass confidence, learned sizing, stops and learning, never hard limits. Strategies never learn from hedges. */
export const purpose = z.enum(['HEDGE', 'STRATEGY']);
export type Purpose = z.infer<typeof purpose>;

/** RUNNING; REDUCING: only what lowers risk; HALTED: nothing new, while cancels always pass. */
export const tradingState = z.enum(['RUNNING', 'REDUCING', 'HALTED']);
export type TradingState = z.infer<typeof tradingState>;

/** The book that positions are kept in. */
export const book = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be a book such as "energy-paper"');

/** The number of a price within its instrument and feed, rising by one or more. */
export const priceSequence = z.int().min(0);

/** An instant as text in UTC, such as `2020-04-20T00:00:00.000Z`. */
export const instant = z.iso.datetime();

/**
 * Where in market time a decision or an effect belongs: the bar it came from. State changes carry it, so that a decision
 * on one bar never sees the effects of that same bar, whichever order events arrive in: that makes replays repeatable.
 */
export const decisionPoint = z.object({ instrument: instrumentId, sequence: priceSequence, observedAt: instant });
export type DecisionPoint = z.infer<typeof decisionPoint>;
