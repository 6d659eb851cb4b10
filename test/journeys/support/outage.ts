import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { getPerformance } from '../../../contracts/portfolio/api.ts';
import { reconcile } from '../../../emulators/demo/reconcile.ts';
import { addsUp } from './compare.ts';
import type { Desk } from './desk.ts';
import type { OwnCloud } from './own-cloud.ts';
import type { Market } from './prices.ts';
import type { Strategist } from './signals.ts';

interface Stage {
  cloud: OwnCloud;
  desk: Desk;
  strategist: Strategist;
}

/**
 * PostgreSQL is away for a while, in which prices, a signal and requests come in: requests are told to come again, events wait, none is given up,
 * and once it is back all of them take their course.
 */
export async function postgresAway(
  t: ExecutionContext,
  { cloud, desk, strategist }: Stage,
  instrument: Market,
  awayMs: number,
): Promise<void> {
  const { postgres, pubsub } = cloud.cloud.services;
  await postgres.stop();
  const signalId = await strategist.signal({ tenant: desk.tenant, instrument, book: 'outage' });
  await strategist.closeBars(instrument, 3);

  const answer = await desk.client.call(getPerformance, {}, { retries: 0 });
  t.like(answer, { ok: false, status: 503, problem: 'unavailable' });
  t.true(!answer.ok && (answer.retryAfterSeconds ?? 0) >= 1, 'Retry-After says when to come again');
  await delay(awayMs);
  const { unacked } = (await pubsub.ask('backlog')) as { unacked: number };
  t.true(unacked > 0, 'events wait');

  await postgres.restart();
  await cloud.quiet(120_000);
  t.true((await desk.client.call(getPerformance, {})).ok);
  const [given] = await cloud.sql`select count(*)::int as up from admin.dead_letters`;
  t.is(given?.up, 0, 'nothing is given up');
  const decisions = await cloud.sql`select outcome from risk.decisions where signal_id = ${signalId}`;
  t.is(decisions.length, 1, 'the signal is decided on once');
  addsUp(t, await reconcile(cloud.inspected));
}
