import test from 'ava';
import { addFault, clearFaults, listFaults, strike } from '../../../emulators/faults/faults.ts';

test.afterEach(clearFaults);

const fates = (method: string, requests: number): boolean[] =>
  Array.from({ length: requests }, () => strike('pubsub', method) !== undefined);

test.serial('a rule strikes the requests of its service and method, and no others', (t) => {
  addFault({ service: 'pubsub', method: 'Publish', kind: 'drop' });
  t.is(strike('pubsub', 'Pull'), undefined);
  t.is(strike('firestore', 'Publish'), undefined);
  t.is(strike('pubsub', 'Publish')?.kind, 'drop');
});

test.serial('a rule without a method strikes every request of its service', (t) => {
  addFault({ service: 'pubsub', kind: 'drop' });
  t.deepEqual([...fates('Publish', 1), ...fates('Pull', 1)], [true, true]);
});

test.serial('a rule with a share strikes that part of the requests, the same ones for the same seed', (t) => {
  const rule = { service: 'pubsub', kind: 'drop', share: 0.3, seed: 42 };
  addFault(rule);
  const first = fates('Publish', 1_000);
  clearFaults();
  addFault(rule);
  t.deepEqual(fates('Publish', 1_000), first);
  const share = first.filter(Boolean).length / 1_000;
  t.true(share > 0.25 && share < 0.35, `${share}`);
  clearFaults();
  addFault({ ...rule, seed: 43 });
  t.notDeepEqual(fates('Publish', 1_000), first);
});

test.serial('a rule with a count is over when it has struck that often', (t) => {
  addFault({ service: 'pubsub', kind: 'drop', count: 2 });
  t.deepEqual(fates('Publish', 4), [true, true, false, false]);
  t.is(listFaults()[0]?.struck, 2);
});

test.serial(
  'of several rules the one that was armed first strikes, and what a rule strikes does not hang on the others',
  (t) => {
    const rule = { service: 'pubsub', kind: 'drop', share: 0.5, seed: 7 };
    addFault(rule);
    const alone = fates('Publish', 100);
    clearFaults();
    addFault({ service: 'pubsub', kind: 'duplicate', count: 1 });
    addFault(rule);
    t.is(strike('pubsub', 'Publish')?.kind, 'duplicate');
    t.deepEqual(fates('Publish', 99), alone.slice(1));
  },
);

test.serial('a rule that says nothing of use is refused', (t) => {
  for (const rule of [
    {},
    { service: 'spanner', kind: 'drop' },
    { service: 'pubsub', kind: 'explode' },
    { service: 'pubsub', kind: 'drop', share: 2 },
    { service: 'pubsub', kind: 'delay' },
    { service: 'pubsub', kind: 'error', code: 'NO_SUCH_STATUS' },
    { service: 'pubsub', kind: 'drop', methods: ['Publish'] },
  ])
    t.throws(() => addFault(rule), undefined, JSON.stringify(rule));
});

test.serial('an error has the kind of status that its service speaks', (t) => {
  t.throws(() => addFault({ service: 'pubsub', kind: 'error', code: 503 }));
  t.throws(() => addFault({ service: 'storage', kind: 'error', code: 'UNAVAILABLE' }));
  addFault({ service: 'storage', kind: 'error', code: 503 });
  addFault({ service: 'pubsub', kind: 'error', code: 'UNAVAILABLE' });
  t.is(listFaults().length, 2);
});
