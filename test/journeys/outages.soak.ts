import test from 'ava';
import { openDesk } from './support/desk.ts';
import { postgresAway } from './support/outage.ts';
import { startOwnCloud } from './support/own-cloud.ts';
import { openStrategist } from './support/signals.ts';

test('PostgreSQL away for a minute empties no queue into dead letters', async (t) => {
  t.timeout(5 * 60_000);
  const cloud = await startOwnCloud();
  const strategist = openStrategist(cloud);
  try {
    await cloud.quiet();
    const desk = await openDesk(cloud);
    await strategist.closeBars('NG', 10);
    await cloud.quiet();
    await postgresAway(t, { cloud, desk, strategist }, 'NG', 60_000);
  } finally {
    await strategist.close();
    await cloud.close();
  }
});
