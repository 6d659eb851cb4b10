import { FieldValue, type Firestore } from '@google-cloud/firestore';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { clientOf, startLocal } from './local-firestore.ts';

/** What one transaction does: reads documents one after the other, then appends its own number to some of them. */
interface Plan {
  reads: number[];
  appends: number[];
  /** Whether it reads all documents by a query instead. */
  isQuery: boolean;
}

/** What a committed transaction saw of each document: the numbers in it, of which only more are ever added. */
interface Outcome {
  id: number;
  seen: Map<number, number[]>;
}

const DOCUMENTS = 4;
const document = fc.nat(DOCUMENTS - 1);
const plan: fc.Arbitrary<Plan> = fc.record({
  reads: fc.uniqueArray(document, { minLength: 1, maxLength: 3 }),
  appends: fc.uniqueArray(document, { minLength: 1, maxLength: 2 }),
  isQuery: fc.boolean(),
});

test('transactions of concurrent clients are as if one had run after the other', async (t) => {
  const { server, db } = await startLocal(t);
  const clients = [db, clientOf(t, server.port)];
  let run = 0;
  const property = fc.asyncProperty(fc.array(plan, { minLength: 24, maxLength: 24 }), async (plans) => {
    await runTogether(t, clients, `run/${run++}/c`, plans);
  });
  await fc.assert(property, { numRuns: 3, seed: 20260403, endOnFailure: true });
});

test('optimistic transactions are so, too', async (t) => {
  const { server, db } = await startLocal(t, { concurrencyMode: 'OPTIMISTIC' });
  const clients = [db, clientOf(t, server.port)];
  const [plans] = fc.sample(fc.array(plan, { minLength: 8, maxLength: 8 }), { numRuns: 1, seed: 4 });
  await runTogether(t, clients, 'c', plans ?? []);
});

async function runTogether(
  t: ExecutionContext,
  clients: readonly Firestore[],
  collection: string,
  plans: readonly Plan[],
): Promise<void> {
  const [db] = clients;
  if (db === undefined) throw new RangeError('somebody must run the transactions');
  const all = Array.from({ length: DOCUMENTS }, (_, n) => db.doc(`${collection}/${n}`));
  await Promise.all(all.map((each) => each.set({ ids: [] })));
  const ran = await Promise.all(
    plans.map((each, id) => execute(clients[id % clients.length] ?? db, collection, each, id)),
  );
  const committed = ran.filter((outcome) => outcome !== undefined);
  t.true(committed.length > plans.length / 2);
  const final = new Map(
    (await Promise.all(all.map((each) => each.get()))).map((snapshot, n) => [n, snapshot.get('ids') as number[]]),
  );
  const appended = committed.flatMap(({ id }) => (plans[id]?.appends ?? []).map((n) => `${id} in ${n}`));
  const kept = [...final].flatMap(([n, ids]) => ids.map((id) => `${id} in ${n}`));
  t.deepEqual(kept.sort(), appended.sort(), 'each appends once, and those that failed not at all');
  t.deepEqual(cycleIn(dependencies(committed, final)), undefined);
}

/** Undefined where the transaction was aborted too often. */
async function execute(db: Firestore, collection: string, plan: Plan, id: number): Promise<Outcome | undefined> {
  const work = db.runTransaction(async (transaction) => {
    const seen = new Map<number, number[]>();
    if (plan.isQuery) {
      const { docs } = await transaction.get(db.collection(collection));
      for (const each of docs) seen.set(Number(each.id), each.get('ids'));
    } else {
      for (const n of plan.reads) seen.set(n, (await transaction.get(db.doc(`${collection}/${n}`))).get('ids'));
    }
    for (const n of plan.appends) transaction.update(db.doc(`${collection}/${n}`), { ids: FieldValue.arrayUnion(id) });
    return { id, seen };
  });
  return work.catch((error: { code?: number }) => {
    if (error.code === 10) return undefined;
    throw error;
  });
}

/** Who must have run before whom: by the order in a document, by what was seen there, and by what was not yet. */
function dependencies(committed: readonly Outcome[], final: ReadonlyMap<number, number[]>): Map<number, Set<number>> {
  const later = new Map<number, Set<number>>(committed.map(({ id }) => [id, new Set()]));
  const before = (first: number | undefined, second: number | undefined) => {
    if (first !== undefined && second !== undefined && first !== second) later.get(first)?.add(second);
  };
  for (const ids of final.values()) for (const [n, id] of ids.entries()) before(id, ids[n + 1]);
  for (const { id, seen } of committed) {
    for (const [n, ids] of seen) {
      before(ids.at(-1), id);
      before(id, (final.get(n) ?? [])[ids.length]);
    }
  }
  return later;
}

/** Some transactions each of which must have run before the next and the last before the first. */
function cycleIn(later: ReadonlyMap<number, Set<number>>): number[] | undefined {
  const done = new Set<number>();
  const visit = (id: number, path: number[]): number[] | undefined => {
    if (path.includes(id)) return [...path, id];
    if (done.has(id)) return undefined;
    for (const next of later.get(id) ?? []) {
      const cycle = visit(next, [...path, id]);
      if (cycle !== undefined) return cycle;
    }
    done.add(id);
    return undefined;
  };
  for (const id of later.keys()) {
    const cycle = visit(id, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
