import test from 'ava';
import { sameBooks } from './support/compare.ts';
import { killing, planKills } from './support/kills.ts';
import { startOwnCloud } from './support/own-cloud.ts';
import { replayInLockstep, replayTicks } from './support/replay.ts';
import { spawnCloud } from './support/spawned-cloud.ts';

const SEED = 20260105;
const TICKS = replayTicks(40);

test('a replay in lockstep with its services and the whole cloud killed ends in the books of an undisturbed one', async (t) => {
  const undisturbed = await startOwnCloud();
  const expected = await replayInLockstep(undisturbed, TICKS).finally(() => undisturbed.close());
  t.true(expected.fills.length > 5, 'the prices must make trades, or nothing is proven');

  const disturbed = await spawnCloud();
  const kills = planKills(SEED, 4, TICKS.length);
  const books = await replayInLockstep(disturbed, TICKS, killing(disturbed, kills)).finally(() => disturbed.close());
  t.log(kills.map(({ tick, victim, afterMs }) => `tick ${tick}: ${victim} after ${afterMs} ms`).join('; '));
  sameBooks(t, books, expected);
});
