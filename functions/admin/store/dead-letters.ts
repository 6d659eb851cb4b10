import type { Transaction } from '#core/database.ts';

export interface NewDeadLetter {
  id: string;
  kind: 'parked' | 'dead-lettered';
  function: string;
  eventId: string;
  eventType: string;
  tenant: string | undefined;
  orderingKey: string | undefined;
  keyWaits: boolean;
  error: string;
  attributes: Record<string, string>;
  data: string;
  failedAt: Date;
}

/** As it is told to operators. */
export interface DeadLetterView {
  id: string;
  kind: 'parked' | 'dead-lettered';
  state: 'waiting' | 'redriven';
  function: string;
  eventId: string;
  eventType: string;
  tenant?: string;
  orderingKey?: string;
  error: string;
  keyWaits: boolean;
  failedAt: string;
  ageSeconds: number;
  redrives: number;
  lastRedrivenAt?: string;
  lastRedrivenBy?: string;
}

export interface StoredDeadLetter {
  view: DeadLetterView;
  /** What is delivered again. */
  message: { attributes: Record<string, string>; data: string };
}

interface Row {
  position: string;
  id: string;
  kind: 'parked' | 'dead-lettered';
  state: 'waiting' | 'redriven';
  function: string;
  event_id: string;
  event_type: string;
  tenant: string | null;
  ordering_key: string | null;
  key_waits: boolean;
  error: string;
  failed_at: Date;
  redrives: number;
  last_redriven_at: Date | null;
  last_redriven_by: string | null;
}

/**
 * Keeps a failure. One that is known already is brought up to date, unless a later redrive has settled it: the news of a failure may
 * come after the operator's success.
 */
export async function keepDeadLetter(tx: Transaction, letter: NewDeadLetter): Promise<void> {
  await tx`
    insert into dead_letters as known
      (id, kind, function, event_id, event_type, tenant, ordering_key, key_waits, error, attributes, data, failed_at)
    values (${letter.id}, ${letter.kind}, ${letter.function}, ${letter.eventId}, ${letter.eventType}, ${letter.tenant ?? null},
      ${letter.orderingKey ?? null}, ${letter.keyWaits}, ${letter.error}, ${tx.json(letter.attributes)}, ${letter.data}, ${letter.failedAt})
    on conflict (function, event_id) do update set
      state = 'waiting', error = excluded.error, key_waits = excluded.key_waits, failed_at = excluded.failed_at
    where known.state = 'waiting' or known.last_redriven_at < excluded.failed_at`;
}

export async function loadDeadLetter(tx: Transaction, id: string, now: Date): Promise<StoredDeadLetter | undefined> {
  const [row] = await tx<(Row & { attributes: Record<string, string>; data: string })[]>`
    select * from dead_letters where id = ${id}`;
  return row === undefined
    ? undefined
    : { view: viewOf(row, now), message: { attributes: row.attributes, data: row.data } };
}

export interface Page {
  letters: DeadLetterView[];
  next: string | undefined;
}

/** Newest first, below the position `after`. */
export async function listDeadLetters(
  tx: Transaction,
  filter: { state: string | undefined; function: string | undefined; after: string | undefined; limit: number },
  now: Date,
): Promise<Page> {
  const rows = await tx<Row[]>`
    select position, id, kind, state, function, event_id, event_type, tenant, ordering_key, key_waits, error, failed_at,
      redrives, last_redriven_at, last_redriven_by
    from dead_letters
    where (${filter.state ?? null}::text is null or state = ${filter.state ?? null})
      and (${filter.function ?? null}::text is null or function = ${filter.function ?? null})
      and (${filter.after ?? null}::bigint is null or position < ${filter.after ?? null}::bigint)
    order by position desc limit ${filter.limit + 1}`;
  const shown = rows.slice(0, filter.limit);
  return {
    letters: shown.map((row) => viewOf(row, now)),
    next: rows.length > filter.limit ? shown.at(-1)?.position : undefined,
  };
}

export async function countWaiting(tx: Transaction): Promise<number> {
  const [row] = await tx<{ waiting: number }[]>`
    select count(*)::int as waiting from dead_letters where state = 'waiting'`;
  return row?.waiting ?? 0;
}

/** Notes what came of a redrive: the error of one that failed again, or none. */
export async function noteRedrive(
  tx: Transaction,
  id: string,
  outcome: { error: string | undefined; by: string; at: Date },
): Promise<void> {
  await tx`
    update dead_letters set redrives = redrives + 1, last_redriven_at = ${outcome.at}, last_redriven_by = ${outcome.by},
      error = coalesce(${outcome.error ?? null}, error),
      state = ${outcome.error === undefined ? 'redriven' : 'waiting'}
    where id = ${id}`;
}

function viewOf(row: Row, now: Date): DeadLetterView {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    function: row.function,
    eventId: row.event_id,
    eventType: row.event_type,
    ...(row.tenant === null ? {} : { tenant: row.tenant }),
    ...(row.ordering_key === null ? {} : { orderingKey: row.ordering_key }),
    error: row.error,
    keyWaits: row.key_waits,
    failedAt: row.failed_at.toISOString(),
    ageSeconds: Math.max(0, (now.getTime() - row.failed_at.getTime()) / 1_000),
    redrives: row.redrives,
    ...(row.last_redriven_at === null ? {} : { lastRedrivenAt: row.last_redriven_at.toISOString() }),
    ...(row.last_redriven_by === null ? {} : { lastRedrivenBy: row.last_redriven_by }),
  };
}
