import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { collectManifest } from '#core/manifest.ts';
import { compositeIndex } from '../../emulators/firestore/composite-index.ts';
import { startFirestore } from '../../emulators/firestore/server.ts';
import { collectGraph } from '../../infra/graph.ts';
import { localPlan } from '../../infra/local-plan.ts';
import type { Resource } from '../../infra/recorder.ts';
import { temporaryFolder } from '../emulators/firestore/local-firestore.ts';

const FUNCTIONS = join(import.meta.dirname, '../../functions');

/** The program runs once in a process. */
const graph = collectGraph({ environment: 'local' });

/** What makes a query of Google's client: whoever uses one of them must be run below. */
const QUERY_CALLS =
  /\.(where|orderBy|findNearest|aggregate|count|limitToLast|collectionGroup|listDocuments|collection|getPartitions)\(/;

/** Every function's source that opens the document store. */
function storeUsers(): string[] {
  return readdirSync(FUNCTIONS, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => readFileSync(join(FUNCTIONS, file), 'utf8').includes('documentStore()'));
}

test('the platform asks its document store for documents by name only, so it needs no composite index', (t) => {
  const users = storeUsers();
  t.true(users.length >= 2);
  t.deepEqual(
    users.filter((file) => QUERY_CALLS.test(readFileSync(join(FUNCTIONS, file), 'utf8'))),
    [],
    'run its query under strict indexes in the test below, and add what it asks for to infra/components/document-indexes.ts',
  );
});

test('all that the platform does with its document store is served under strict indexes', async (t) => {
  const plan = localPlan(await graph, await collectManifest(FUNCTIONS));
  const { indexes } = plan.firestore;
  const server = await startFirestore({ port: 0, dataDir: await temporaryFolder(t), indexes, strictIndexes: true });
  t.teardown(() => server.close());
  process.env.METADATA_SERVER_DETECTION = 'none';
  process.env.GOOGLE_CLOUD_PROJECT = plan.project;
  process.env.FIRESTORE_EMULATOR_HOST = `127.0.0.1:${server.port}`;
  const { writeFastCopy } = await import('../../functions/risk/store/fast-copy.ts');
  const { readPolicy } = await import('../../functions/core/policy.ts');
  t.deepEqual(await readPolicy('nobody'), { kind: 'none' });
  await t.notThrowsAsync(writeFastCopy('tenant', { version: 1 } as Parameters<typeof writeFastCopy>[1]));
});

test('what the graph provisions is what the local Firestore goes by', async (t) => {
  const fields = [
    { fieldPath: 'tenant', order: 'ASCENDING' },
    { fieldPath: 'tags', arrayConfig: 'CONTAINS' },
  ];
  const provisioned = {
    type: 'gcp:firestore/index:Index',
    name: 'orders',
    inputs: { collection: 'orders', fields },
  } as unknown as Resource;
  const plan = localPlan([...(await graph), provisioned], await collectManifest(FUNCTIONS));
  t.deepEqual(
    plan.firestore.indexes.map((index) => compositeIndex.parse(index)),
    [compositeIndex.parse({ collectionGroup: 'orders', queryScope: 'COLLECTION', fields })],
  );
});
