import test from 'ava';
import { signalApproved } from '../../contracts/risk/events.ts';
import { type Desk, openDesk } from './support/desk.ts';
import { type SeenEvent, type Watch, watchTopic } from './support/inspect.ts';
import { type Instance, startInstance } from './support/instance.ts';
import { type OwnCloud, startOwnCloud } from './support/own-cloud.ts';
import { openStrategist, type SpokenSignal, type Strategist } from './support/signals.ts';
import { until } from './support/until.ts';

/** Who holds it holds up every transaction that has taken its keys' heads and writes an event about this book. */
const GATE = 20260105;
const HELD_BOOK = 'held-up';

let cloud: OwnCloud;
let desk: Desk;
let strategist: Strategist;
let approvals: Watch;
let slow: Instance;
let quick: Instance;

test.before(async () => {
  cloud = await startOwnCloud();
  [slow, quick] = await Promise.all([startInstance(cloud, 'slow'), startInstance(cloud, 'quick')]);
  await cloud.quiet();
  desk = await openDesk(cloud);
  strategist = openStrategist(cloud);
  await strategist.closeBars('CL', 10);
  await cloud.quiet();
  approvals = await watchTopic(cloud, signalApproved.topic);
  await cloud.sql.unsafe(`
    create function risk.hold_up() returns trigger language plpgsql as $$
    begin
      if new.data::jsonb ->> 'book' like '${HELD_BOOK}%' then
        perform pg_advisory_xact_lock(${GATE});
      end if;
      return new;
    end $$;
    create trigger hold_up before insert on risk.outbox for each row execute function risk.hold_up()`);
});

test.after.always(async () => {
  await Promise.all([approvals.close(), strategist.close()]);
  await Promise.all([slow.child.stop(), quick.child.stop()]);
  await cloud.close();
});

test.serial(
  'of two instances that commit on one key, the second waits for the first, and both are published in that order',
  async (t) => {
    const [first, second] = [compose(`${HELD_BOOK}-1`), compose('free-1')];
    const open = await holdGate();
    const slowly = decide(slow, first);
    await until('the first transaction between the lock of its key and its commit', () => waiting('advisory', 1));
    const quickly = decide(quick, second);
    await until('the second transaction behind it', () => waiting('transactionid', 1));
    await open();
    t.deepEqual(await Promise.all([slowly, quickly]), [204, 204]);
    inOrder(t, await approvals.take(), [first, second]);
  },
);

test.serial(
  'what an instance has committed and not sent goes before what a quicker one commits after it',
  async (t) => {
    const [first, second] = [compose(`${HELD_BOOK}-2`), compose('free-2')];
    const open = await holdGate();
    const slowly = decide(slow, first);
    await until('the first transaction between the lock of its key and its commit', () => waiting('advisory', 1));
    const pid = slow.child.pid() ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      await open();
      // COMMIT was on the wire with what it commits: the server carries it out while its client stands still.
      await until('the first transaction committed', () => isDecided(first));
      t.is(await decide(quick, second), 204);
      inOrder(t, await approvals.take(), [first, second]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    t.is(await slowly, 204);
    const repetitions = await approvals.take();
    t.true(
      repetitions.every(({ data }) => data.signalId === first.signalId),
      'all that may follow is a repetition of the first',
    );
    await cloud.quiet();
    const orders = await cloud.sql`select 1 from execution.orders where book in (${`${HELD_BOOK}-2`}, 'free-2')`;
    t.is(orders.length, 2);
  },
);

function compose(book: string): SpokenSignal {
  return strategist.compose({ tenant: desk.tenant, instrument: 'CL', book });
}

function decide(instance: Instance, { signalId, data, attributes, orderingKey }: SpokenSignal): Promise<number> {
  const message = { messageId: signalId, attributes, data: JSON.stringify(data), orderingKey };
  return instance.push('risk-on-signal-generated', message);
}

function inOrder(
  t: { deepEqual(actual: unknown, expected: unknown): boolean; true(actual: boolean): boolean },
  seen: SeenEvent[],
  signals: SpokenSignal[],
): void {
  const firstSeen = seen.filter(({ id }, index) => seen.findIndex((each) => each.id === id) === index);
  t.deepEqual(
    firstSeen.map(({ data }) => data.signalId),
    signals.map(({ signalId }) => signalId),
  );
  t.true(firstSeen.every(({ sequence }, index) => index === 0 || sequence > (firstSeen[index - 1]?.sequence ?? 0)));
}

/** Shuts the gate; the answer opens it. */
async function holdGate(): Promise<() => Promise<void>> {
  const gatekeeper = await cloud.sql.reserve();
  await gatekeeper`select pg_advisory_lock(${GATE})`;
  return async () => {
    await gatekeeper`select pg_advisory_unlock(${GATE})`;
    gatekeeper.release();
  };
}

async function waiting(event: 'advisory' | 'transactionid', count: number): Promise<boolean> {
  const rows = await cloud.sql`
    select 1 from pg_stat_activity where usename = 'risk' and wait_event_type = 'Lock' and wait_event = ${event}`;
  return rows.length >= count;
}

async function isDecided({ signalId }: SpokenSignal): Promise<boolean> {
  const rows = await cloud.sql`select 1 from risk.decisions where signal_id = ${signalId}`;
  return rows.length === 1;
}
