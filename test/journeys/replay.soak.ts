import test from 'ava';
import { addsUp, sameBooks } from './support/compare.ts';
import { replayTicks } from './support/replay.ts';
import { shuffledAndRepeated, underKills, undisturbed } from './support/replays.ts';

const TICKS = replayTicks(100);
const SEEDS = [1, 2, 3];
const KILLS = 10;
const LONG_MS = 10 * 60_000;
const expected = undisturbed(TICKS);

for (const seed of SEEDS) {
  test.serial(
    `300 ticks in lockstep with ${KILLS} kills (seed ${seed}) end in the books of an undisturbed run`,
    async (t) => {
      t.timeout(LONG_MS);
      const { books, reconciliation, story } = await underKills(TICKS, { seed, kills: KILLS, pace: 'lockstep' });
      t.log(story);
      sameBooks(t, books, (await expected).books);
      addsUp(t, reconciliation);
    },
  );

  test.serial(
    `300 ticks running freely under ${KILLS} kills (seed ${seed}) lose nothing and double nothing`,
    async (t) => {
      t.timeout(LONG_MS);
      const { reconciliation, story } = await underKills(TICKS, { seed: seed + 100, kills: KILLS, pace: 'free' });
      t.log(story);
      addsUp(t, reconciliation);
    },
  );

  test.serial(`300 ticks with every event three times and shuffled (seed ${seed}) end in the same books`, async (t) => {
    t.timeout(LONG_MS);
    const { books, reconciliation, delivered } = await shuffledAndRepeated(TICKS, seed);
    t.log(`${delivered} deliveries`);
    sameBooks(t, books, (await expected).books);
    addsUp(t, reconciliation);
  });
}
