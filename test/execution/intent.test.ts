import test from 'ava';
import { refusalOf } from '../../functions/execution/domain/halt.ts';
import { type OrderTerms, refuseApproved, sizeExit } from '../../functions/execution/domain/intent.ts';

const wti = { instrument: 'WTI', tradable: true, venue: 'paper', currency: 'USD', multiplier: '1000' };
const running = { epoch: 2, clearedEpoch: 2 };
const halted = { epoch: 3, clearedEpoch: 2 };

const terms: OrderTerms = {
  orderId: '0b6d3c0e-98f5-8e0c-9c1e-3a6ad2e0f001',
  approvalId: '0b6d3c0e-98f5-8e0c-9c1e-3a6ad2e0f002',
  instrument: 'WTI',
  book: 'energy-paper',
  purpose: 'STRATEGY',
  side: 'SELL',
  orderType: 'MARKET',
  timeInForce: 'DAY',
  quantity: '5',
  volatility: 1.5,
  haltEpoch: 2,
  decidedAt: { instrument: 'WTI', sequence: 7, observedAt: '2020-04-20T00:00:00.000Z' },
};

test('an approval of the epoch in force becomes an order', (t) => {
  t.is(refuseApproved(terms, wti, running), undefined);
});

test('while trading is halted, no approval becomes an order', (t) => {
  t.is(refuseApproved(terms, wti, halted)?.reason, 'halted');
  t.is(refuseApproved({ ...terms, haltEpoch: 3 }, wti, halted)?.reason, 'halted');
});

test('an approval from before a halt is worth nothing after it', (t) => {
  t.is(refuseApproved(terms, wti, { epoch: 3, clearedEpoch: 3 })?.reason, 'stale-approval');
});

test('an approval that knows of a later halt than execution does was made after that halt was over', (t) => {
  t.is(refusalOf(running, 4), undefined);
});

test('an index is quoted and traded on no venue', (t) => {
  t.is(refuseApproved(terms, { ...wti, tradable: false }, running)?.reason, 'not-tradable');
});

test('an exit leaves out what market orders of its side already take off the position', (t) => {
  t.deepEqual(sizeExit(terms, wti, running, '2'), { quantity: '3', refusal: undefined });
});

test('an exit from a position that other orders close is superseded', (t) => {
  t.is(sizeExit(terms, wti, running, '5').refusal?.reason, 'superseded');
  t.is(sizeExit(terms, wti, running, '8').refusal?.reason, 'superseded');
});

test('an exit is refused while trading is halted', (t) => {
  t.is(sizeExit(terms, wti, halted, '0').refusal?.reason, 'halted');
});
