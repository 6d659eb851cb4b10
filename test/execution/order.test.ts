import test from 'ava';
import fc from 'fast-check';
import { compare, subtract, sum } from '#contracts/kit/decimal.ts';
import {
  advance,
  decide,
  filledOf,
  ImpossibleReport,
  type OrderLife,
  type OrderState,
  type Report,
  remainingOf,
  withdrawnOf,
} from '../../functions/execution/domain/order.ts';

const order = (state: OrderState, quantity = '5'): OrderLife => ({ quantity, state });
const accepted: Report = { kind: 'accepted' };
const executed = (quantity: string): Report => ({ kind: 'executed', quantity });
const expired: Report = { kind: 'expired' };
const cancelled = (filled: string): Report => ({ kind: 'cancelled', cause: 'halt', filled });
const refused: Report = { kind: 'refused', reason: 'halted', detail: 'trading is halted' };

function after(life: OrderLife, ...reports: Report[]) {
  const facts: string[] = [];
  let current = life;
  for (const report of reports) {
    const { order: next, steps } = advance(current, report);
    facts.push(...steps.map(({ fact }) => fact.kind));
    current = next;
  }
  return { state: current.state, facts };
}

test('an order that the venue takes is submitted, and works', (t) => {
  t.deepEqual(after(order({ status: 'INTENDED' }), accepted), { state: { status: 'WORKING' }, facts: ['submitted'] });
});

test('a fill that overtakes the answer to the submission implies it, and the answer then adds nothing', (t) => {
  t.deepEqual(after(order({ status: 'INTENDED' }), executed('2'), accepted, executed('3')), {
    state: { status: 'FILLED' },
    facts: ['submitted', 'filled', 'filled'],
  });
});

test('an order that was refused has failed, and cannot be accepted after that', (t) => {
  const { state, facts } = after(order({ status: 'INTENDED' }), refused);
  t.deepEqual(state, { status: 'FAILED', reason: 'halted', detail: 'trading is halted' });
  t.deepEqual(facts, ['failed']);
  t.throws(() => decide(order(state), accepted), { instanceOf: ImpossibleReport });
});

test('what an order has not filled by its end expires', (t) => {
  t.deepEqual(after(order({ status: 'WORKING' }), executed('2'), expired).state, {
    status: 'EXPIRED',
    filled: '2',
    withdrawn: '3',
  });
});

test('an execution from before a cancellation may be reported after it', (t) => {
  const { state, facts } = after(order({ status: 'WORKING' }), cancelled('2'), executed('2'));
  t.deepEqual(state, { status: 'CANCELLED', filled: '2', withdrawn: '3' });
  t.deepEqual(facts, ['withdrawn', 'filled']);
  t.throws(() => decide(order(state), executed('1')), { instanceOf: ImpossibleReport });
});

test('more than the order asked for cannot be executed', (t) => {
  t.throws(() => decide(order({ status: 'WORKING' }), executed('6')), { instanceOf: ImpossibleReport });
  t.throws(() => decide(order({ status: 'FILLED' }), executed('1')), { instanceOf: ImpossibleReport });
  t.throws(() => decide(order({ status: 'FAILED', reason: 'halted', detail: '' }), executed('1')), {
    instanceOf: ImpossibleReport,
  });
});

test('a filled order can neither expire nor be cancelled, and one that expired twice expired once', (t) => {
  t.throws(() => decide(order({ status: 'FILLED' }), expired), { instanceOf: ImpossibleReport });
  t.throws(() => decide(order({ status: 'FILLED' }), cancelled('0')), { instanceOf: ImpossibleReport });
  t.deepEqual(after(order({ status: 'WORKING' }), expired, expired).facts, ['withdrawn']);
});

test('whatever is reported, filled, withdrawn and remaining lots add up to the order, and it is submitted at most once', (t) => {
  const reports = fc.array(
    fc.oneof(
      fc.constant(accepted),
      fc.constant(expired),
      fc.integer({ min: 1, max: 6 }).map((lots) => executed(String(lots))),
      fc.integer({ min: 0, max: 5 }).map((lots) => cancelled(String(lots))),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(reports, (all) => {
      let life = order({ status: 'INTENDED' });
      const facts: string[] = [];
      for (const report of all) {
        try {
          const advanced = advance(life, report);
          life = advanced.order;
          facts.push(...advanced.steps.map(({ fact }) => fact.kind));
        } catch (error) {
          if (!(error instanceof ImpossibleReport)) throw error;
        }
        t.is(sum([filledOf(life), withdrawnOf(life), remainingOf(life)]), life.quantity);
        t.true(compare(subtract(life.quantity, filledOf(life)), '0') >= 0);
      }
      t.true(facts.filter((fact) => fact === 'submitted').length <= 1);
      if (facts.length > 0) t.is(facts[0], 'submitted');
    }),
  );
});
