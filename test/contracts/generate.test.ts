import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { collectContracts } from '../../contracts/collect.ts';
import { changesIn } from '../../contracts/generate.ts';
import { operationKey } from '../../contracts/kit/operation.ts';
import { collectManifest } from '../../functions/core/manifest.ts';

const FUNCTIONS = fileURLToPath(new URL('../../functions', import.meta.url));
const PRICES = 'history/market.price.update.v1.json';

/** A folder like contracts/ that holds what was generated, gone when the test is over. */
async function generated(t: ExecutionContext): Promise<{ url: URL; write(path: string, text: string): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-contracts-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const url = pathToFileURL(`${folder}/`);
  for (const [path, text] of (await changesIn(url)).write) await write(path, text);
  return { url, write };
}

test('every context is collected, and what core publishes', async (t) => {
  const { operations, events } = await collectContracts();
  t.true(operations.some(({ functionName }) => functionName === 'market-get-quote'));
  t.true(events.some(({ topic }) => topic === 'market.price.update.v1'));
  t.true(events.some(({ topic }) => topic === 'platform.event.parked.v1'));
});

test('what is generated is written once and then fresh', async (t) => {
  const { url } = await generated(t);
  const { write, remove } = await changesIn(url);
  t.deepEqual([[...write.keys()], remove], [[], []]);
});

test('a document that was changed by hand, and a schema of no event, are stale', async (t) => {
  const { url, write } = await generated(t);
  await write('generated/openapi.json', '{}');
  await write('generated/schemas/gone.v1.proto', 'syntax = "proto3";');
  const changes = await changesIn(url);
  t.deepEqual([...changes.write.keys()], ['generated/openapi.json']);
  t.deepEqual(changes.remove, ['generated/schemas/gone.v1.proto']);
});

test('a published event that has lost a field is refused by name', async (t) => {
  const { url, write } = await generated(t);
  const { events } = await collectContracts();
  const prices = events.find(({ topic }) => topic === 'market.price.update.v1');
  const schema = { type: 'object', properties: { venue: { type: 'string' } }, required: ['venue'] };
  await write(
    PRICES,
    JSON.stringify({ topic: prices?.topic, scope: 'global', orderBy: 'instrument', ingress: true, schema }),
  );
  await t.throwsAsync(changesIn(url), { message: /market\.price\.update\.v1: venue is gone/ });
});

test('the documents under version control are fresh', async (t) => {
  const { write, remove } = await changesIn(new URL('../../contracts/', import.meta.url));
  t.deepEqual([...write.keys(), ...remove], [], 'run npx node contracts/generate.ts');
});

test('a public operation is served by the function that its name says, an internal one by some function', async (t) => {
  const { operations } = await collectContracts();
  const { functions } = await collectManifest(FUNCTIONS);
  const served = new Map(
    functions.flatMap(({ name, declaration }) =>
      declaration.kind === 'http' ? [[operationKey(declaration.contract), name] as const] : [],
    ),
  );
  const misnamed = operations
    .filter(({ contract }) => contract.audience === 'public')
    .map(({ contract, functionName }) => ({ expected: functionName, served: served.get(operationKey(contract)) }))
    .filter((each) => each.served !== each.expected);
  t.deepEqual(misnamed, []);
  const unserved = operations.filter(({ contract }) => !served.has(operationKey(contract)));
  t.deepEqual(unserved, []);
});
