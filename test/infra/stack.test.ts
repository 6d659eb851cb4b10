import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { collectGraph } from '../../infra/graph.ts';

const execute = promisify(execFile);
const FUNCTIONS = join(import.meta.dirname, 'fixtures', 'functions');

test.serial('an environment that does not exist stops with one line that says which do', async (t) => {
  const failure = await t.throwsAsync(
    execute(process.execPath, [join(import.meta.dirname, '..', '..', 'infra', 'graph.ts'), '--environment', 'prod']),
  );
  const { stderr, stdout, code } = failure as Error & { stderr: string; stdout: string; code: number };
  t.is(stderr, 'there is no environment "prod"; there are bootstrap, local, dev, staging, production\n');
  t.is(stdout, '');
  t.is(code, 1);
});

test.serial('a stack that is not configured says what is missing', async (t) => {
  const config = { database: { tier: 'db-custom-2-7680' }, producers: {} };
  const error = await t.throwsAsync(collectGraph({ environment: 'dev', functionsFolder: FUNCTIONS, config }));
  t.regex(error.message, /^stack dev is not configured \(Pulumi\.dev\.yaml\): database\.edition: /);
  t.false(error.message.includes('\n'));
});

test.serial('pooling is refused where the edition has none', async (t) => {
  const database = {
    edition: 'ENTERPRISE',
    tier: 'db-custom-2-7680',
    availability: 'ZONAL',
    maxConnections: 400,
    connectionsPerInstance: 2,
    pooling: { serverConnectionsPerRole: 10, maxClientConnections: 1_000 },
    backupsKept: 7,
    recoveryDays: 7,
  };
  const error = await t.throwsAsync(
    collectGraph({ environment: 'dev', functionsFolder: FUNCTIONS, config: { database } }),
  );
  t.regex(error.message, /managed pooling exists in ENTERPRISE_PLUS only/);
});

test.serial('the bootstrap stack enables APIs in every project, and nothing else', async (t) => {
  const resources = await collectGraph({ environment: 'bootstrap' });
  t.deepEqual([...new Set(resources.map(({ type }) => type))], ['gcp:projects/service:Service']);
  t.deepEqual(
    [...new Set(resources.map(({ inputs }) => inputs.project))],
    ['millrace-dev', 'millrace-production', 'millrace-staging'],
  );
  t.true(resources.every(({ inputs }) => inputs.disableOnDestroy === false));
});

test.serial(
  'functions wait for warm instances and pooled connections only where the stack pays for them',
  async (t) => {
    const settingsOf = async (environment: string) => {
      const graph = await collectGraph({
        environment,
        functionsFolder: FUNCTIONS,
        config: { producers: {}, secrets: { 'payment-key': 'k' } },
      });
      const found = graph.find(({ type, name }) => type.endsWith(':Function') && name === 'shop-place-order');
      const service = found?.inputs.serviceConfig as Record<string, unknown>;
      const variables = service.environmentVariables as Record<string, string>;
      return [
        service.minInstanceCount,
        service.maxInstanceCount,
        variables.DATABASE_PORT,
        variables.DATABASE_NAMED_STATEMENTS,
      ];
    };
    t.deepEqual(await settingsOf('dev'), [0, 1, '5432', 'true']);
    t.deepEqual(await settingsOf('production'), [1, 3, '6432', 'false']);
  },
);

test.serial('an object is named after the content of what it holds', async (t) => {
  const graph = await collectGraph({
    environment: 'local',
    functionsFolder: FUNCTIONS,
    config: { producers: {} },
    bundle: async () => ({
      function: (name) => ({ hash: `hash-of-${name}`, archive: `dist/${name}.zip` }),
      migration: (context) => ({ hash: `hash-of-${context}`, archive: `dist/${context}.mjs` }),
      job: (name) => ({ hash: `hash-of-${name}`, archive: `dist/${name}.tgz` }),
      node: () => ({ hash: 'hash-of-node', archive: 'dist/node' }),
    }),
  });
  const found = graph.find(({ type, name }) => type.endsWith(':Function') && name === 'shop-sweep');
  t.like(found?.inputs.buildConfig, {
    runtime: 'nodejs24',
    entryPoint: 'shop-sweep',
    source: { storageSource: { object: 'functions/shop-sweep/hash-of-shop-sweep.zip' } },
  });
  const job = graph.find(({ type, name }) => type.endsWith('cloudrunv2/job:Job') && name === 'migrate-shop');
  t.is(job?.inputs.runExecutionToken, 'hash-of-shop');
});

test.serial('a declared secret without a value stops the deployment with what to type', async (t) => {
  const error = await t.throwsAsync(
    collectGraph({ environment: 'dev', functionsFolder: FUNCTIONS, config: { producers: {} } }),
  );
  t.regex(error.message, /a function declares the secret payment-key: pulumi config set --secret --path/);
});
