import test from 'ava';
import fc from 'fast-check';
import { shareOf } from '../../../functions/simulation/domain/plans.ts';
import {
  type Admitted,
  admissions,
  forecast,
  OVERDUE_SECONDS,
  type Waiting,
} from '../../../functions/simulation/domain/queue.ts';

const start = Date.parse('2026-01-05T08:00:00Z');
const at = (seconds: number) => new Date(start + seconds * 1_000);
const run = (id: string, tenant: string, plan: string, queuedAt = 0, workSeconds = 60): Waiting => ({
  id,
  tenant,
  plan,
  workSeconds,
  queuedAt: at(queuedAt),
});
const running = (waiting: Waiting, seconds = 0): Admitted => ({ ...waiting, admittedAt: at(seconds) });
const idsOf = (runs: readonly { id: string }[]) => runs.map(({ id }) => id);

test('the tenant with the least running work goes first, within a plan', (t) => {
  const busy = [running(run('x', 'a', 'professional', 0, 600)), running(run('y', 'b', 'professional', 0, 30))];
  const waiting = [
    run('1', 'a', 'professional', 1),
    run('2', 'b', 'professional', 2),
    run('3', 'c', 'professional', 3),
  ];
  t.deepEqual(idsOf(admissions(waiting, busy, 5, at(4))), ['3', '2', '1']);
});

test('a plan with more weight has more of the work, and not all of it', (t) => {
  const waiting = Array.from({ length: 20 }, (_, n) => [
    run(`e${n}`, `e${n}`, 'enterprise', n),
    run(`t${n}`, `t${n}`, 'trial', n),
  ]).flat();
  const chosen = idsOf(admissions(waiting, [], 9, at(30)));
  t.is(chosen.filter((id) => id.startsWith('e')).length, 8);
  t.is(chosen.filter((id) => id.startsWith('t')).length, 1);
});

test('an organisation has no more runs at a time than its plan says', (t) => {
  const waiting = Array.from({ length: 10 }, (_, n) => run(`${n}`, 'a', 'standard', n));
  t.deepEqual(idsOf(admissions(waiting, [], 8, at(20))), ['0', '1']);
});

test('whoever has waited too long goes first, whatever the plan', (t) => {
  const late = OVERDUE_SECONDS + 10;
  const waiting = [run('new', 'a', 'enterprise', late - 1), run('old', 'b', 'trial', 0)];
  t.deepEqual(idsOf(admissions(waiting, [running(run('r', 'c', 'trial'))], 2, at(late))), ['old']);
});

const plan = fc.constantFrom('trial', 'standard', 'professional', 'enterprise');
const tenants = ['a', 'b', 'c', 'd', 'e'] as const;
const planned = fc.tuple(plan, plan, plan, plan, plan);
const arrivals = fc.array(
  fc.record({
    tenant: fc.nat({ max: 4 }),
    queuedAt: fc.nat({ max: 3_000 }),
    workSeconds: fc.integer({ min: 1, max: 900 }),
  }),
  { minLength: 1, maxLength: 40 },
);
const queues = fc.record({ planned, arrivals, capacity: fc.integer({ min: 1, max: 10 }) });

function waitingOf({
  planned: plans,
  arrivals: runs,
}: {
  planned: string[];
  arrivals: { tenant: number; queuedAt: number; workSeconds: number }[];
}) {
  return runs.map(({ tenant, queuedAt, workSeconds }, n) =>
    run(`${n}`, tenants[tenant] ?? 'a', plans[tenant] ?? 'trial', queuedAt, workSeconds),
  );
}

test('no place stays empty while somebody may have it, and no limit is passed', (t) => {
  fc.assert(
    fc.property(queues, ({ capacity, ...rest }) => {
      const waiting = waitingOf(rest);
      const chosen = admissions(waiting, [], capacity, at(3_000));
      t.is(new Set(idsOf(chosen)).size, chosen.length);
      const counts = new Map(
        tenants.map((tenant) => [tenant as string, chosen.filter((each) => each.tenant === tenant).length]),
      );
      for (const each of chosen) t.true((counts.get(each.tenant) ?? 0) <= shareOf(each.plan).runsAtOnce);
      const passedOver = waiting.filter(
        (each) => !chosen.includes(each) && (counts.get(each.tenant) ?? 0) < shareOf(each.plan).runsAtOnce,
      );
      t.true(chosen.length === capacity || passedOver.length === 0);
    }),
    { numRuns: 200 },
  );
});

test('everybody who waits is begun, in the order that the forecast says', (t) => {
  fc.assert(
    fc.property(queues, ({ capacity, ...rest }) => {
      const waiting = waitingOf(rest);
      const places = forecast(waiting, [], capacity, 2, at(3_000));
      t.deepEqual(idsOf(places).toSorted(), idsOf(waiting).toSorted());
      t.deepEqual(
        places.map(({ position }) => position),
        waiting.map((_, place) => place + 1),
      );
      t.true(places.every(({ startsAt }, place) => startsAt >= (places[place - 1]?.startsAt ?? at(0))));
    }),
    { numRuns: 100 },
  );
});
