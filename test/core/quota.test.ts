import test from 'ava';
import { listPositions } from '#contracts/portfolio/api.ts';
import { startHarness } from '../support/harness.ts';

test('a burst of one user, far below what a minute allows, is answered in full', async (t) => {
  const harness = await startHarness();
  t.teardown(() => harness.close());
  const as = { tenant: crypto.randomUUID(), id: crypto.randomUUID(), roles: ['trader'] };
  const answers = await Promise.all(Array.from({ length: 40 }, () => harness.request(listPositions, {}, { as })));
  t.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
});
