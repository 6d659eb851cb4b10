import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { getHealth } from '../../contracts/admin/api.ts';
import { accepted, type Desk, openDesk } from './support/desk.ts';
import { postgresAway } from './support/outage.ts';
import { type OwnCloud, startOwnCloud } from './support/own-cloud.ts';
import { openStrategist, type Strategist } from './support/signals.ts';
import { until } from './support/until.ts';

const BOOK = 'energy-paper';

let cloud: OwnCloud;
let desk: Desk;
let strategist: Strategist;

test.before(async () => {
  cloud = await startOwnCloud({ variables: { LOG_LEVEL: 'warn' } });
  await cloud.quiet();
  desk = await openDesk(cloud);
  strategist = openStrategist(cloud);
  for (const instrument of ['CL', 'NG'] as const) await strategist.closeBars(instrument, 10);
  await cloud.quiet();
});

test.after.always(async () => {
  await strategist.close();
  await cloud.close();
});

test.serial(
  'while PostgreSQL is away requests are told to come again and events wait; then all of it flows',
  async (t) => {
    await postgresAway(t, { cloud, desk, strategist }, 'NG', 2_000);
  },
);

test.serial('while the policy store is away only reductions are approved, and logs and health say so', async (t) => {
  const { tenant, administrator } = desk;
  const decide = async (side: 'BUY' | 'SELL') => {
    const signalId = await strategist.signal({ tenant, instrument: 'CL', book: BOOK, side });
    await cloud.quiet();
    await strategist.closeBars('CL', 2);
    await cloud.quiet();
    const [decision] = await cloud.sql<{ outcome: string; reason: string | null }[]>`
      select outcome, reason from risk.decisions where signal_id = ${signalId}`;
    return decision;
  };
  t.like(await decide('BUY'), { outcome: 'approved' });

  await cloud.cloud.services.firestore.stop();
  // What is remembered is policy for five seconds.
  await new Promise((resolve) => setTimeout(resolve, 5_200));
  t.like(await decide('BUY'), { outcome: 'rejected', reason: 'policy-unavailable' });
  t.like(await decide('SELL'), { outcome: 'approved' });
  const { status, contexts } = accepted(await administrator.client.call(getHealth, {}));
  t.is(status, 'degraded');
  const risk = contexts.find(({ context }) => context === 'risk');
  t.deepEqual(risk?.reasons, ['policy: unreachable: reductions only']);
  t.regex(await readFile(join(cloud.folder, 'logs', 'host.log'), 'utf8'), /policy store unreachable: reductions only/);

  await cloud.cloud.services.firestore.restart();
  // The client looks for it again in growing intervals.
  const again = await until('an approval', async () => {
    const decision = await decide('BUY');
    return decision?.outcome === 'approved' && decision;
  });
  t.like(again, { outcome: 'approved' });
});
