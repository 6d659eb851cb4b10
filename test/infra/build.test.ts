import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { collectManifest, type Manifest } from '#core/manifest.ts';
import { type BuiltPlatform, buildPlatform } from '../../infra/build.ts';
import { contentHash } from '../../infra/build-cache.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const LARGEST_ARCHIVE_BYTES = 3_000_000;
const execute = promisify(execFile);
/** What functions/core/config.ts asks for; nothing is opened at these addresses. */
const JOB_ENVIRONMENT = {
  ENVIRONMENT: 'local',
  GOOGLE_CLOUD_PROJECT: 'p',
  REGION: 'r',
  SERVICE_ACCOUNT: 'a@p',
  DATABASE_HOST: '127.0.0.1',
  DATABASE_PORT: '1',
  DATABASE_NAME: 'n',
  DATABASE_USER: 'u',
  DATABASE_PASSWORD: '',
  DATABASE_OUTBOX_USER: 'o',
  DATABASE_OUTBOX_PASSWORD: '',
  DATABASE_MAX_CONNECTIONS: '1',
};

let tree: string;

/** A source tree of our own, with two functions that nobody else edits meanwhile. */
test.before(async () => {
  tree = await mkdtemp(join(tmpdir(), 'millrace-build-'));
  for (const path of ['package.json', 'package-lock.json', 'contracts', 'functions/core', 'infra']) {
    await cp(join(ROOT, path), join(tree, path), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  await mkdir(join(tree, 'functions', 'shop', 'migrations'), { recursive: true });
  await writeFile(join(tree, 'functions', 'shop', 'migrations', '0001-orders.sql'), '-- Up Migration\nselect 1;\n');
  await writeUseCase('open', 'opened');
  await writeUseCase('close', 'closed');
});

test.after.always(() => rm(tree, { recursive: true, force: true }));

async function writeUseCase(name: string, answer: string): Promise<void> {
  await writeFile(
    join(tree, 'functions', 'shop', `${name}.ts`),
    [
      `import { scheduleFunction } from '#core/function.ts';`,
      `export default scheduleFunction({ cron: '0 0 * * *', summary: '${answer}' }, {}, async () => undefined);`,
    ].join('\n'),
  );
}

/** Imported anew each time, as a new process would: what a function's file says matters here only to esbuild. */
const manifest = (): Promise<Manifest> => collectManifest(join(tree, 'functions'));
/** A job that imports native code on first use, and says what it found. */
async function writeJob(): Promise<void> {
  await writeFile(
    join(tree, 'functions', 'shop', 'grind.ts'),
    [
      `import * as z from 'zod';`,
      `import { jobContract } from '#contracts/kit/job.ts';`,
      `import { job } from '#core/function.ts';`,
      `const grind = jobContract({ name: 'grind', summary: 'Grinds', input: z.strictObject({ beans: z.int() }) });`,
      `export default job(grind, {}, async ({ beans }, { cause }) => {`,
      `  const { default: koffi } = await import('koffi');`,
      `  const labs = koffi.load(null).func('long labs(long)');`,
      `  process.stdout.write(labs(-beans) + ' beans for ' + cause);`,
      `});`,
    ].join('\n'),
  );
}

const build = async (only?: string[]): Promise<BuiltPlatform> => {
  const { functions } = await manifest();
  const kept = functions.filter(({ name }) => only === undefined || only.includes(name));
  return buildPlatform({ root: tree, manifest: { functions: kept, jobs: [] }, outputFolder: join(tree, 'dist') });
};
const hashes = ({ functions }: BuiltPlatform) => Object.fromEntries(functions.map(({ name, hash }) => [name, hash]));
const rebuilt = ({ functions }: BuiltPlatform) => functions.filter(({ built }) => built).map(({ name }) => name);

test.serial('a bundle is small, exports its function by name, and declares only the framework', async (t) => {
  const { functions } = await build();
  t.deepEqual(
    functions.map(({ name }) => name),
    ['shop-close', 'shop-open'],
  );
  for (const { archiveBytes, name } of functions) t.true(archiveBytes < LARGEST_ARCHIVE_BYTES, name);
  const folder = join(tree, 'dist', 'functions', 'shop-open');
  const { dependencies, main } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  t.deepEqual(Object.keys(dependencies), ['@google-cloud/functions-framework']);
  const bundle: Record<string, unknown> = await import(pathToFileURL(join(folder, main)).href);
  t.is(typeof bundle['shop-open'], 'function');
  t.is((await stat(join(tree, 'dist', 'functions', 'shop-open.zip'))).size, functions[1]?.archiveBytes ?? -1);
});

test.serial("Google's clients work from the bundle, and what a cold start reads holds none of them", async (t) => {
  const folder = join(tree, 'dist', 'functions', 'shop-open');
  const load = (library: string) => import(pathToFileURL(join(folder, `library-${library}.mjs`)).href);
  const { v1 } = await load('google-cloud-pubsub');
  const { grpc } = await load('google-gax');
  const publisher = new v1.PublisherClient({
    servicePath: '127.0.0.1',
    port: 1,
    sslCreds: grpc.credentials.createInsecure(),
  });
  await publisher.initialize();
  t.is(typeof publisher.publish, 'function');
  await publisher.close();
  const { Firestore } = await load('google-cloud-firestore');
  t.is(new Firestore({ projectId: 'p' }).doc('policies/t').path, 'policies/t');
  t.true((await stat(join(folder, 'index.mjs'))).size < 500_000);
});

test.serial('building again builds nothing, and building elsewhere gives the same content', async (t) => {
  const first = await build();
  t.deepEqual(rebuilt(first), []);
  await rm(join(tree, 'dist'), { recursive: true });
  const second = await build();
  t.deepEqual(rebuilt(second), ['shop-close', 'shop-open']);
  t.deepEqual(hashes(second), hashes(first));
});

test.serial("only the changed function's hash changes", async (t) => {
  const before = hashes(await build());
  await writeUseCase('open', 'opened wide');
  const built = await build();
  t.deepEqual(rebuilt(built), ['shop-open']);
  t.is(hashes(built)['shop-close'], before['shop-close']);
  t.not(hashes(built)['shop-open'], before['shop-open']);
});

test.serial('a job is a program that runs from its archive, with its native packages', async (t) => {
  await writeJob();
  const { functions, jobs } = await manifest();
  const outputFolder = join(tree, 'dist-of-jobs');
  const kept = { functions: functions.filter(({ name }) => name === 'shop-open'), jobs };
  const built = await buildPlatform({ root: tree, manifest: kept, outputFolder });
  const { archive, hash } = built.job('shop-grind');
  t.regex(hash, /^[0-9a-f]{64}$/);
  const folder = await mkdtemp(join(tmpdir(), 'millrace-job-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await execute('tar', ['-xzf', archive, '-C', folder]);
  const run = execute(built.node().archive, [join(folder, 'index.mjs')], {
    cwd: folder,
    env: { ...JOB_ENVIRONMENT, JOB_INPUT: '{"beans":3}', JOB_CLIENT_ID: 'somebody' },
  });
  t.is((await run).stdout, '3 beans for somebody');
  const refused = execute(built.node().archive, [join(folder, 'index.mjs')], {
    env: { ...JOB_ENVIRONMENT, JOB_INPUT: '{"beans":"many"}', JOB_CLIENT_ID: 'somebody' },
  });
  t.regex(String(await t.throwsAsync(refused)), /beans/);
  t.deepEqual(rebuilt(await buildPlatform({ root: tree, manifest: kept, outputFolder })), []);
  await rm(join(tree, 'functions', 'shop', 'grind.ts'));
});

test.serial('a function whose declaration is gone disappears', async (t) => {
  await build();
  const built = await build(['shop-open']);
  t.deepEqual(Object.keys(hashes(built)), ['shop-open']);
  t.deepEqual((await readdir(join(tree, 'dist', 'functions'))).sort(), ['shop-open', 'shop-open.zip']);
  t.throws(() => built.function('shop-close'), { message: /shop-close/ });
});

test.serial("a migration's hash changes with its context's SQL", async (t) => {
  const before = (await build()).migration('shop').hash;
  t.is((await build()).migration('shop').hash, before);
  await writeFile(join(tree, 'functions', 'shop', 'migrations', '0002-more.sql'), '-- Up Migration\nselect 2;\n');
  t.not((await build()).migration('shop').hash, before);
});

test('the hash is of paths and contents, in whatever order they come', (t) => {
  const file = (text: string) => Buffer.from(text);
  const hash = (...files: [string, Uint8Array][]) => contentHash(new Map(files));
  t.is(hash(['a', file('1')], ['b', file('2')]), hash(['b', file('2')], ['a', file('1')]));
  t.not(hash(['a', file('1')], ['b', file('2')]), hash(['a', file('2')], ['b', file('1')]));
  t.not(hash(['a', file('1b')]), hash(['a', file('1')], ['b', file('')]));
});
