import test from 'ava';
import { addsUp } from './support/compare.ts';
import { replayTicks } from './support/replay.ts';
import { underKills } from './support/replays.ts';

const SEED = 7;

test('a free-running replay under kills loses nothing, doubles nothing, and its profit and loss is what the fills say', async (t) => {
  const ticks = replayTicks(40);
  const { books, reconciliation, story } = await underKills(ticks, { seed: SEED, kills: 4, pace: 'free' });
  t.log(story);
  t.true(books.fills.length > 0, 'the prices must make trades, or nothing is proven');
  addsUp(t, reconciliation);
});
