import test, { type ExecutionContext } from 'ava';
import { CHECKS, decide } from '../../../functions/risk/domain/decide.ts';
import type { Situation } from '../../../functions/risk/domain/facts.ts';
import { REASONS, type Reason } from '../../../functions/risk/domain/reasons.ts';
import { EMPTY_LANE, given, LIMITS, laneWith } from './given.ts';

function rejects(t: ExecutionContext, situation: Situation, reason: Reason): void {
  const decision = decide(situation);
  t.is(decision.outcome === 'rejected' ? decision.reason : 'approved', reason);
}

function approves(t: ExecutionContext, situation: Situation, quantity: string): void {
  const decision = decide(situation);
  t.is(decision.outcome === 'approved' ? decision.quantity : decision.reason, quantity);
}

test('a signal that passes every check is approved, and every check is on record', (t) => {
  const decision = decide(given());
  t.is(decision.outcome, 'approved');
  t.deepEqual(
    decision.checks.map(({ check, passed }) => [check, passed]),
    REASONS.map((reason) => [reason, true]),
  );
  t.is(decision.policyVersion, 3);
});

test('there is one check for each reason, in the order the reasons are given', (t) => {
  t.deepEqual(
    CHECKS.map(({ reason }) => reason),
    [...REASONS],
  );
});

test('a signal is worth its mandate times confidence times the mode, rounded down to whole lots', (t) => {
  approves(t, given(), '8');
  approves(t, given({ signal: { confidence: '0.79' } }), '7');
  approves(t, given({ mode: { sizeMultiplier: '0.5' } }), '4');
  approves(t, given({ instrument: { lotSize: '0.001' }, signal: { confidence: '0.7777777' } }), '7.777');
});

test('a confident signal is worth at least one lot', (t) => {
  approves(t, given({ signal: { maxPositionLots: '1' } }), '1');
});

test('no mode makes an order larger than its mandate', (t) => {
  approves(t, given({ mode: { sizeMultiplier: '3' } }), '10');
});

test('halted: nothing new is approved, not even a reduction', (t) => {
  rejects(t, given({ policy: { tradingState: 'HALTED' } }), 'halted');
  rejects(t, given({ policy: { tradingState: 'HALTED' }, lane: laneWith({ position: '-20' }) }), 'halted');
});

test('reducing: a signal that would grow the position is rejected', (t) => {
  rejects(t, given({ policy: { tradingState: 'REDUCING' } }), 'reducing-only');
  rejects(t, given({ policy: { tradingState: 'REDUCING' }, lane: laneWith({ position: '3' }) }), 'reducing-only');
});

test('reducing: a signal against the position is cut to what is left of it, counting what works already', (t) => {
  const reducing = { tradingState: 'REDUCING' } as const;
  approves(t, given({ policy: reducing, lane: laneWith({ position: '-3' }) }), '3');
  approves(t, given({ policy: reducing, lane: laneWith({ position: '-9', reservedBuy: '4' }) }), '5');
  rejects(t, given({ policy: reducing, lane: laneWith({ position: '-4', reservedBuy: '4' }) }), 'reducing-only');
});

test('a tenant without a policy is refused everything', (t) => {
  const situation = { ...given({ lane: laneWith({ position: '-20' }) }), policy: undefined, mode: undefined };
  rejects(t, situation, 'policy-unavailable');
});

test('a fast copy that is away or behind the truth permits reductions only', (t) => {
  for (const fastCopy of [{ kind: 'unreachable' }, { kind: 'none' }, { kind: 'known', version: 2 }] as const) {
    rejects(t, given({ fastCopy }), 'policy-unavailable');
    approves(t, given({ fastCopy, lane: laneWith({ position: '-3' }) }), '3');
  }
});

test('a mode that has no row at the time of the bar is refused', (t) => {
  rejects(t, { ...given(), mode: undefined }, 'mode');
});

test('a mode that permits no increase leaves reductions', (t) => {
  rejects(t, given({ mode: { permitsIncrease: false } }), 'mode');
  approves(t, given({ mode: { permitsIncrease: false }, lane: laneWith({ position: '-2' }) }), '2');
});

test('above the drawdown limit nothing is opened or grown', (t) => {
  approves(t, given({ policy: { drawdown: '0.25' } }), '8');
  rejects(t, given({ policy: { drawdown: '0.250001' } }), 'drawdown');
});

test('a position paused after a loss streak opens nothing until the pause is over', (t) => {
  const losses = { ...EMPTY_LANE.losses, pause: { after: 95, until: 100 } };
  rejects(t, given({ lane: laneWith({}, { losses }) }), 'circuit-breaker');
  approves(t, given({ lane: laneWith({}, { losses }), signal: { sequence: 101 } }), '8');
});

test('a second signal of a mandate on the same bar is a duplicate', (t) => {
  const lane = laneWith({}, { approvedMandates: { 'mandate-1': 100 } });
  rejects(t, given({ lane }), 'duplicate');
  approves(t, given({ lane, signal: { mandateId: 'mandate-2' } }), '8');
});

test('what is not listed, or only quoted, is not traded', (t) => {
  rejects(t, { ...given(), instrument: undefined }, 'not-tradable');
  rejects(t, given({ instrument: { tradable: false } }), 'not-tradable');
});

test('without a price from before the bar there is nothing to decide on', (t) => {
  rejects(t, { ...given(), reference: undefined }, 'no-price');
});

test('a signal that the market has left behind is stale, and so is one whose market risk has not seen', (t) => {
  approves(t, given({ latestSequence: 105 }), '8');
  rejects(t, given({ latestSequence: 106 }), 'stale-price');
  rejects(t, given({ reference: { sequence: 93, close: '19.8' } }), 'stale-price');
});

test('the collar is absolute: ten volatilities from the price before, whichever side of zero it is on', (t) => {
  approves(t, given({ signal: { price: '24.8' } }), '8');
  rejects(t, given({ signal: { price: '24.81' } }), 'collar');
  // EIA's Cushing spot fell from 18.31 to -36.98 on 2020-04-20.
  const reference = { sequence: 99, close: '18.31' };
  rejects(t, given({ reference, signal: { price: '-36.98', volatility: '2' } }), 'collar');
  approves(t, given({ reference, signal: { price: '-36.98', volatility: '6' } }), '8');
});

test('in a market that has not moved the collar is ten ticks', (t) => {
  approves(t, given({ signal: { price: '19.9', volatility: '0' } }), '8');
  rejects(t, given({ signal: { price: '19.91', volatility: '0' } }), 'collar');
});

test('a limit price outside the collar is rejected though the price is inside', (t) => {
  rejects(t, given({ signal: { limitPrice: '30' } }), 'collar');
});

test("a signal below the mode's confidence is rejected, a hedge is not", (t) => {
  rejects(t, given({ signal: { confidence: '0.599999' } }), 'confidence');
  approves(t, given({ signal: { confidence: '0.1', purpose: 'HEDGE' } }), '10');
});

test('a mode whose multiplier is zero leaves nothing to trade', (t) => {
  rejects(t, given({ mode: { sizeMultiplier: '0' } }), 'size-rounds-to-zero');
});

test('a limit price between two ticks is rejected', (t) => {
  rejects(t, given({ signal: { limitPrice: '20.005' } }), 'tick-size');
  approves(t, given({ signal: { limitPrice: '20.01' } }), '8');
});

test('an order above the order limit is rejected', (t) => {
  rejects(t, given({ policy: { limits: { ...LIMITS, maxOrderLots: '7' } } }), 'order-limit');
});

test('a position that could pass the tighter of policy and mandate is rejected, working orders included', (t) => {
  approves(t, given({ lane: laneWith({ position: '1', reservedBuy: '1' }) }), '8');
  rejects(t, given({ lane: laneWith({ position: '1', reservedBuy: '2' }) }), 'position-limit');
  rejects(t, given({ policy: { limits: { ...LIMITS, maxPositionLots: '7' } } }), 'position-limit');
});

test('a sell that works gives a buy no room: it may not trade', (t) => {
  rejects(t, given({ lane: laneWith({ position: '5', reservedSell: '5' }) }), 'position-limit');
});

test('a position beyond a lowered limit may still be reduced', (t) => {
  const policy = { limits: { ...LIMITS, maxPositionLots: '2', maxNotional: '1' } };
  approves(t, given({ policy, lane: laneWith({ position: '-9' }) }), '8');
});

test('the notional limit counts the worst position at the distance of its price from zero', (t) => {
  const policy = { limits: { ...LIMITS, maxNotional: '200000' } };
  approves(t, given({ policy, lane: laneWith({ position: '2' }) }), '8');
  rejects(t, given({ policy, lane: laneWith({ position: '2' }), signal: { price: '20.01' } }), 'notional-limit');
  const below = { reference: { sequence: 99, close: '-30' }, signal: { price: '-30' } };
  rejects(t, given({ policy, ...below }), 'notional-limit');
});

test('more orders on one bar than the rate allows are rejected, and the next bar begins at none', (t) => {
  const lane = laneWith({}, { approvals: { sequence: 100, count: 4 } });
  rejects(t, given({ lane }), 'rate-limit');
  approves(t, given({ lane, signal: { sequence: 101 } }), '8');
});

test("the tighter of the tenant's own limit and its mode's counts", (t) => {
  rejects(t, given({ mode: { limits: { ...LIMITS, maxOrderLots: '7' } } }), 'order-limit');
});
