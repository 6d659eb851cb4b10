import test from 'ava';
import { loginPool, type Transaction } from '../../functions/core/database.ts';
import { inSharedTransaction, type Part } from '../../functions/core/transaction.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

let database: TestDatabase;
test.before(async () => {
  database = await testDatabase();
});
test.after.always(() => database.close());

test('of those that share a transaction one fails, and is undone without the others', async (t) => {
  const subject = crypto.randomUUID();
  const refuse = new Error('a rule says never');
  const parts = [
    part((tx) => leave(tx, subject, 1)),
    part(async (tx) => {
      await leave(tx, subject, 2);
      throw refuse;
    }),
    part(async (tx) => {
      await tx`select 1 / 0`;
    }),
    part((tx) => leave(tx, subject, 4)),
  ];
  const { errors } = await inSharedTransaction(pool(), parts, () => []);
  t.deepEqual([...errors.keys()], [1, 2]);
  t.is(errors.get(1), refuse);
  t.regex(String(errors.get(2)), /division by zero/);
  t.deepEqual(await left(subject), [1, 4]);
});

test("a part's own closing statements fail with it; what closes all of them goes in for the rest", async (t) => {
  const subject = crypto.randomUUID();
  const parts = [
    { ...part((tx) => leave(tx, subject, 1)), closing: (tx: Transaction) => [tx`select 1 / 0`] },
    part((tx) => leave(tx, subject, 2)),
  ];
  const { errors, closed } = await inSharedTransaction(pool(), parts, (tx, succeeded) => [
    tx`select ${succeeded.join()} as succeeded`,
  ]);
  t.deepEqual([...errors.keys()], [0]);
  t.deepEqual(
    closed.map((rows) => [...rows]),
    [[], [{ succeeded: '1' }]],
  );
  t.deepEqual(await left(subject), [2]);
});

test('each part sees its own tenant, whatever the part before it set', async (t) => {
  const tenants = [crypto.randomUUID(), '', crypto.randomUUID()];
  const seen: unknown[] = [];
  const parts = tenants.map((tenant) => ({
    opening: (tx: Transaction) => tx`select set_config('app.tenant', ${tenant}, true)`,
    work: async (tx: Transaction) => {
      const [row] = await tx`select current_tenant() as tenant`;
      seen.push(row?.tenant ?? '');
    },
    closing: () => [],
  }));
  await inSharedTransaction(pool(), parts, () => []);
  t.deepEqual(seen, tenants);
});

test('where a part meets a lock that somebody keeps, those before it are committed and those after it not begun', async (t) => {
  const subject = crypto.randomUUID();
  const locked = await lockWindow(subject);
  const parts = [
    part((tx) => leave(tx, subject, 5)),
    part(async (tx) => {
      await tx`update quota_windows set leased = 2 where subject = ${subject}`;
    }),
    part((tx) => leave(tx, subject, 7)),
  ];
  const { errors, blocked } = await inSharedTransaction(pool(), parts, () => []);
  await locked.letGo();
  t.is(errors.size, 0);
  t.is(blocked, 1);
  t.deepEqual(await left(subject), [1, 5]);
});

test('a statement that comes after its handler has returned is refused', async (t) => {
  let kept: Transaction = pool();
  const refusals: unknown[] = [];
  const parts = [
    part(async (tx) => {
      kept = tx;
    }),
    part(async () => {
      refusals.push(t.throws(() => kept`select 1`, { message: /the transaction is over/ }));
    }),
  ];
  const { errors } = await inSharedTransaction(pool(), parts, () => []);
  t.is(errors.size, 0);
  t.is(refusals.length, 1);
});

function pool() {
  return loginPool(database.config('risk'));
}

function part(work: Part['work']): Part {
  return { opening: (tx) => tx`select set_config('app.tenant', '', true)`, work, closing: () => [] };
}

/** Holds a row of the subject's until told to let go. */
async function lockWindow(subject: string): Promise<{ letGo(): Promise<void> }> {
  await database.sql`insert into risk.quota_windows (subject, window_start, leased) values (${subject}, to_timestamp(1), 1)`;
  const locked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const holding = database.sql.begin(async (tx) => {
    await tx`select from risk.quota_windows where subject = ${subject} for update`;
    locked.resolve();
    await over.promise;
  });
  await locked.promise;
  return {
    async letGo() {
      over.resolve();
      await holding;
    },
  };
}

/** A row that can be counted. */
async function leave(tx: Transaction, subject: string, number: number): Promise<void> {
  await tx`insert into quota_windows (subject, window_start, leased) values (${subject}, to_timestamp(${number * 100}), ${number})`;
}

async function left(subject: string): Promise<number[]> {
  const rows = await database.sql<
    { leased: number }[]
  >`select leased from risk.quota_windows where subject = ${subject} order by leased`;
  return rows.map(({ leased }) => leased);
}
