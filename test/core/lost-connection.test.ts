import test from 'ava';
import { isTransient, loginPool, type Transaction } from '../../functions/core/database.ts';
import { inTransaction } from '../../functions/core/transaction.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

let database: TestDatabase;

test.before(async () => {
  database = await testDatabase();
});

test.after.always(() => database.close());

test('a transaction whose connection is lost fails as one to be tried again, and touches that connection no more', async (t) => {
  const pool = () => loginPool({ ...database.config('risk'), maxConnections: 1 });
  let lost: Transaction = pool();
  const failure = await t.throwsAsync(
    inTransaction(
      pool(),
      (tx) => tx<{ pid: number }[]>`select pg_backend_pid() as pid`,
      async (tx, opened) => {
        const [{ pid } = { pid: 0 }] = opened as { pid: number }[];
        lost = tx;
        const waiting = [tx`select pg_sleep(60)`, tx`select ${'one'}::text`, tx`select ${'two'}::text`];
        const all = Promise.allSettled(waiting);
        await database.sql`select pg_terminate_backend(${pid})`;
        await all;
        return { result: undefined, closing: () => [] };
      },
    ),
  );
  t.true(isTransient(failure), String(failure));

  const { result } = await inTransaction(
    pool(),
    (tx) => tx<{ word: string }[]>`select 'well' as word`,
    async (tx, opened) => {
      t.throws(() => lost`select 1`, { message: /lost/ }, 'nothing of the old one runs in the new one');
      const [row] = await tx<{ word: string }[]>`select 'again' as word`;
      return { result: [...opened, row], closing: () => [] };
    },
  );
  t.deepEqual(result, [{ word: 'well' }, { word: 'again' }]);
});
