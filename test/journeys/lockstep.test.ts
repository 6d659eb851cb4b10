import test from 'ava';
import { addsUp, sameBooks } from './support/compare.ts';
import { replayTicks } from './support/replay.ts';
import { shuffledAndRepeated, underKills, undisturbed } from './support/replays.ts';

const SEED = 20260105;
const TICKS = replayTicks(50);
const expected = undisturbed(TICKS);

test.serial('an undisturbed replay trades, and its books add up', async (t) => {
  const { books, reconciliation } = await expected;
  t.true(books.fills.length > 5, 'the prices must make trades, or nothing is proven');
  addsUp(t, reconciliation);
});

test.serial('a replay whose services and whole cloud are killed ends in the books of an undisturbed one', async (t) => {
  const { books, reconciliation, story } = await underKills(TICKS, { seed: SEED, kills: 4, pace: 'lockstep' });
  t.log(story);
  sameBooks(t, books, (await expected).books);
  addsUp(t, reconciliation);
});

test.serial('a replay in which every event comes three times and shuffled ends in the same books', async (t) => {
  const { books, reconciliation, delivered } = await shuffledAndRepeated(TICKS, SEED);
  t.log(`${delivered} deliveries`);
  sameBooks(t, books, (await expected).books);
  addsUp(t, reconciliation);
});
