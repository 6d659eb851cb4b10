import { watch } from 'node:fs';
import { join } from 'node:path';
import { type Cloud, startCloud } from './cloud/cloud.ts';
import { openControl } from './cloud/control.ts';
import { parseCloudOptions } from './cloud/options.ts';
import { ROOT } from './cloud/plan.ts';
import { ADMIN_EMAIL } from './cloud/secrets.ts';

/** `npm start`: the local Google Cloud, until Ctrl-C. */
async function main(argv: string[]): Promise<void> {
  const cloud = await startCloud(parseCloudOptions(argv));
  const control = await openControl(cloud);
  process.stdout.write(`${endpointTable(cloud)}\nready in ${cloud.secondsToReady.toFixed(1)} s\n`);
  if (cloud.options.watch) watchSources(cloud);
  const stop = async () => {
    process.stdout.write('\nstopping …\n');
    await control.close();
    await cloud.stop();
    process.exit(0);
  };
  process.once('SIGINT', () => void stop());
  process.once('SIGTERM', () => void stop());
}

function endpointTable({ options, plan, secrets }: Cloud): string {
  const { ports, folder } = options;
  const rows = [
    [
      'API Gateway',
      `http://127.0.0.1:${ports.gateway}/v1`,
      `${plan.functions.filter(({ kind }) => kind === 'http').length} HTTP functions`,
    ],
    [
      'Pub/Sub',
      `PUBSUB_EMULATOR_HOST=127.0.0.1:${ports.pubsub}`,
      `${plan.topics.length} topics, ${plan.subscriptions.length} subscriptions`,
    ],
    ['Firestore', `FIRESTORE_EMULATOR_HOST=127.0.0.1:${ports.firestore}`, ''],
    ['Cloud Storage', `STORAGE_EMULATOR_HOST=http://127.0.0.1:${ports.storage}`, `${plan.buckets.length} buckets`],
    ['Cloud Run', `http://127.0.0.1:${ports.run}`, `${plan.jobs.length} jobs`],
    ...(plan.keyRings.length === 0 ? [] : [['Cloud KMS', `http://127.0.0.1:${ports.kms}`, '']]),
    ['Secret Manager', `http://127.0.0.1:${ports['secret-manager']}`, `${Object.keys(plan.secrets).length} secrets`],
    [
      'PostgreSQL',
      `postgres://postgres@127.0.0.1:${ports.postgres}/millrace`,
      `${plan.contexts.length} contexts; password in ${join(folder, 'secrets.json')}`,
    ],
    [
      'Functions',
      `http://127.0.0.1:${ports.host}/{function}`,
      options.isolate ? 'a process each' : `${options.workers} shared process${options.workers === 1 ? '' : 'es'}`,
    ],
    ['Identity', `http://127.0.0.1:${ports.identity}`, `${plan.serviceAccounts.length} service accounts`],
    ['Paper exchange', `http://127.0.0.1:${ports.venue}/v1`, ''],
    ['Scheduler', `${plan.schedules.length} schedules`, ''],
    ['Control', `http://127.0.0.1:${ports.control}/status`, ''],
    ['Administrator', ADMIN_EMAIL, secrets.variables.ADMIN_PASSWORD ?? ''],
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(([name = '', address = '', note = '']) =>
      `  ${name.padEnd(widths[0] ?? 0)}  ${address.padEnd(widths[1] ?? 0)}  ${note}`.trimEnd(),
    )
    .join('\n');
}

const SETTLE_MS = 300;

/** An editor writes a file in several steps; a pause after the last one starts the reload. */
function watchSources(cloud: Cloud): void {
  let pending: NodeJS.Timeout | undefined;
  let reloading = Promise.resolve();
  const changed = (_: string, file: string | null) => {
    if (file === null || !/\.(ts|sql)$/.test(file)) return;
    clearTimeout(pending);
    pending = setTimeout(() => {
      reloading = reloading.then(async () => {
        const startedAt = performance.now();
        try {
          await cloud.reload();
          process.stdout.write(
            `${file} changed: reloaded in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s\n`,
          );
        } catch (error) {
          process.stdout.write(
            `${file} changed, but could not be loaded: ${error instanceof Error ? error.message : String(error)}\n`,
          );
        }
      });
    }, SETTLE_MS);
  };
  for (const folder of ['functions', 'contracts']) watch(join(ROOT, folder), { recursive: true }, changed);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
