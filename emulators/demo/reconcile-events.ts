import type postgres from 'postgres';
import { signalGenerated } from '#contracts/ai/events.ts';
import { barClosed } from '#contracts/market/events.ts';
import type { LocalPlan } from '../../infra/local-plan.ts';
import { counted, type Finding, missing } from './finding.ts';

/** What the producer of prices knows. Whatever is left out is not checked. */
export interface Published {
  /** Name of the feed, with the ticks sent of each instrument. */
  ticks?: { feed: string; byInstrument: ReadonlyMap<string, number> };
  /** Different events seen on each topic. */
  events?: ReadonlyMap<string, number>;
}

interface TapeCounts {
  instrument: string;
  applied: number;
  ticks_in_closed_bars: number;
  open_ticks: number;
  bars_closed: number;
  bars: number;
  last_bar: number;
  ticks_in_bars: number;
}

/** Every tick sent was applied, late or repeated; every tick applied is in a bar; bars are numbered without gaps. */
export async function reconcileTicks(sql: postgres.Sql, published: Published['ticks']): Promise<Finding[]> {
  const tapes = await sql<TapeCounts[]>`
    select t.instrument, t.ticks_in_closed_bars::int, coalesce(t.ticks, 0) as open_ticks, t.bars_closed::int,
      coalesce((select sum(a.applied) from market.feed_accounts a where a.instrument = t.instrument), 0)::int as applied,
      b.bars, b.last_bar, b.ticks_in_bars
    from market.tapes t cross join lateral (
      select count(*)::int as bars, coalesce(max(sequence), 0)::int as last_bar, coalesce(sum(ticks), 0)::int as ticks_in_bars
      from market.bars where instrument = t.instrument) b`;
  const findings = tapes.flatMap((tape) => [
    ...counted(`ticks of ${tape.instrument} in bars`, tape.ticks_in_closed_bars + tape.open_ticks, tape.applied),
    ...counted(`ticks of ${tape.instrument} in kept bars`, tape.ticks_in_bars, tape.ticks_in_closed_bars),
    ...counted(`kept bars of ${tape.instrument}`, tape.bars, tape.bars_closed),
    ...counted(`number of the last bar of ${tape.instrument}`, tape.last_bar, tape.bars_closed),
  ]);
  return published === undefined ? findings : [...findings, ...(await ticksOfFeed(sql, published))];
}

async function ticksOfFeed(
  sql: postgres.Sql,
  { feed, byInstrument }: NonNullable<Published['ticks']>,
): Promise<Finding[]> {
  const accounts = await sql<{ instrument: string; applied: number; late: number; repeated: number }[]>`
    select instrument, applied::int, late::int, repeated::int from market.feed_accounts where feed = ${feed}`;
  const accountOf = new Map(accounts.map((account) => [account.instrument, account]));
  return Array.from(byInstrument).flatMap(([instrument, sent]) => {
    const { applied, late, repeated } = accountOf.get(instrument) ?? { applied: 0, late: 0, repeated: 0 };
    return counted(`ticks of ${instrument} applied, late or repeated`, applied + late + repeated, sent);
  });
}

interface Consumer {
  context: string;
  function: string;
}

/** Every consumer of a topic has processed the same events, each once, and as many as were published. */
export async function reconcileEvents(
  sql: postgres.Sql,
  plan: LocalPlan,
  seen: Published['events'],
): Promise<Finding[]> {
  const [[{ bars } = { bars: 0 }], [{ signals } = { signals: 0 }]] = await Promise.all([
    sql<{ bars: number }[]>`select count(*)::int as bars from market.bars`,
    // A tenant's keys in ai number its signals and, once each, its mandates.
    sql<{ signals: number }[]>`
      select (coalesce((select sum(sequence) from ai.outbox_heads where ordering_key like '%:%'), 0)
        - (select count(*) from ai.mandates))::int as signals`,
  ]);
  const published = new Map([...(seen ?? []), [barClosed.topic, bars]]);
  const findings: Finding[] = [];
  if (seen === undefined) {
    // Somebody else may have published signals too: only those of ai are known to be there.
    const [{ processed } = { processed: 0 }] = await sql<{ processed: number }[]>`
      select count(*)::int as processed from risk.inbox where function = 'risk-on-signal-generated'`;
    findings.push(...counted('signals processed', Math.min(processed, signals), signals));
  } else {
    findings.push(
      ...counted('bars published', seen.get(barClosed.topic) ?? 0, bars),
      ...counted('signals published', seen.get(signalGenerated.topic) ?? 0, signals),
    );
  }
  for (const [topic, consumers] of consumersByTopic(plan)) {
    findings.push(...(await processedOnce(sql, topic, consumers, published.get(topic))));
  }
  return findings;
}

function consumersByTopic({ subscriptions, functions }: LocalPlan): Map<string, Consumer[]> {
  const contextOf = new Map(functions.map(({ name, context }) => [name, context]));
  const topics = new Map<string, Consumer[]>();
  for (const { topic, function: name } of subscriptions) {
    const context = name === undefined ? undefined : contextOf.get(name);
    if (name === undefined || context === undefined) continue;
    topics.set(topic, [...(topics.get(topic) ?? []), { context, function: name }]);
  }
  return topics;
}

/** An inbox has an event's id once by its key: a doubled event shows as one id too many, a lost one as an id that only others have. */
async function processedOnce(
  sql: postgres.Sql,
  topic: string,
  consumers: readonly Consumer[],
  published: number | undefined,
): Promise<Finding[]> {
  const inboxes = consumers
    .map(
      ({ context, function: name }) => `select function, event_id from "${context}".inbox where function = '${name}'`,
    )
    .join(' union all ');
  const [[{ processed } = { processed: 0 }], partial] = await Promise.all([
    sql.unsafe<{ processed: number }[]>(`select count(distinct event_id)::int as processed from (${inboxes}) i`),
    sql.unsafe<{ event_id: string; by: string }[]>(
      `select event_id, string_agg(function, ' and ') as by from (${inboxes}) i group by event_id having count(*) < ${consumers.length}`,
    ),
  ]);
  return [
    ...missing(
      `events of ${topic} not processed by all`,
      partial.map(({ event_id, by }) => `${event_id} (only ${by})`),
    ),
    ...(published === undefined ? [] : counted(`different events of ${topic} processed`, processed, published)),
  ];
}

/** Nothing is unsent, unsettled, parked or dead-lettered. */
export async function reconcileRemains(sql: postgres.Sql, { contexts }: LocalPlan): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name } of contexts) {
    const [unsent, unsettled, parked] = await Promise.all([
      sql<{ topic: string }[]>`select topic from ${sql(name)}.outbox`,
      sql<
        { effect: string }[]
      >`select name || ' ' || client_id as effect from ${sql(name)}.effects where state <> 'settled'`,
      sql<{ event: string }[]>`
        select function || ' ' || event_id || ': ' || coalesce(error, 'behind another of its key') as event
        from ${sql(name)}.parked_events where released_at is null`,
    ]);
    findings.push(
      ...missing(
        `events unsent in ${name}`,
        unsent.map(({ topic }) => topic),
      ),
      ...missing(
        `effects unsettled in ${name}`,
        unsettled.map(({ effect }) => effect),
      ),
      ...missing(
        `events parked in ${name}`,
        parked.map(({ event }) => event),
      ),
    );
  }
  if (!contexts.some(({ name }) => name === 'admin')) return findings;
  const dead = await sql<{ event: string }[]>`
    select function || ' ' || event_id || ': ' || error as event from admin.dead_letters
    where kind = 'dead-lettered' and state = 'waiting'`;
  return [
    ...findings,
    ...missing(
      'dead letters',
      dead.map(({ event }) => event),
    ),
  ];
}
