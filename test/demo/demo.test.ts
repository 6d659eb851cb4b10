import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DEFAULT_PORTS } from '../../emulators/cloud/options.ts';
import { meanRevertingTicks } from '../../emulators/demo/mean-reverting-series.ts';
import { freePort } from '../../emulators/ports.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'emulators', 'demo', 'main.ts');

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function demo(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr });
    });
  });
}

async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  // The PostgreSQL server runs as a user of its own.
  await chmod(folder, 0o755);
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function ownPorts(): Promise<string[]> {
  const flags: string[] = [];
  for (const name of Object.keys(DEFAULT_PORTS)) flags.push(`--${name}-port`, String(await freePort()));
  return flags;
}

test.serial('prices become bars, signals, orders and positions, and everything adds up', async (t) => {
  t.timeout(240_000);
  const folder = await temporaryFolder(t);
  const rows = [...meanRevertingTicks(300, 42)].map(
    ({ atMs, price }) => `${new Date(atMs).toISOString().slice(0, 10)},${price}`,
  );
  const prices = join(folder, 'wti-generated.csv');
  await writeFile(prices, ['Date,Price', ...rows].join('\n'));

  const { code, stdout, stderr } = await demo(
    '--prices',
    prices,
    '--json',
    '--folder',
    join(folder, 'cloud'),
    ...(await ownPorts()),
  );
  t.is(code, 0, `${stdout}\n${stderr}`);
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  t.deepEqual(Object.keys(result), [
    'prices',
    'bars',
    'signals',
    'approved',
    'rejected',
    'submitted',
    'filled',
    'failed',
    'opened',
    'closed',
    'realizedPnl',
    'unrealizedPnl',
    'fees',
    'lost',
    'duplicated',
    'tickToOrderMs',
  ]);
  t.like(result, { prices: 300, bars: 299, lost: 0, duplicated: 0 });
  t.true(result.signals > 0 && result.signals === result.approved + result.rejected);
  t.true(result.submitted > 0 && result.filled > 0 && result.opened > 0);
  t.true(result.tickToOrderMs.p50 > 0 && result.tickToOrderMs.p50 <= result.tickToOrderMs.p99);
  for (const title of [
    'Events',
    'Rejections by reason',
    'Orders by state',
    'Open positions',
    'Profit and loss',
    'Latency',
  ])
    t.regex(stdout, new RegExp(`^${title}`, 'm'));
  t.regex(stdout, /^trace [0-9a-f]{32}/m);
});

const REFUSED: [what: string, args: string[], line: RegExp][] = [
  ['an unknown flag', ['--fast'], /^Unknown option '--fast': npm run demo -- /],
  ['a speed that is none', ['--speed', 'warp'], /^--speed takes max or a number of prices a second, not "warp"$/],
  [
    'a missing file',
    ['--prices', '/nowhere/wti.csv'],
    /^there is no file \/nowhere\/wti.csv: name a CSV with --prices FILE$/,
  ],
  ['a name without its flag', ['wti.csv'], /^wti.csv is no flag: npm run demo -- /],
];

for (const [what, args, line] of REFUSED) {
  test(`${what} stops with one line before anything starts`, async (t) => {
    const { code, stdout, stderr } = await demo(...args);
    t.is(code, 1);
    t.is(stdout, '');
    t.is(stderr.trimEnd().split('\n').length, 1, stderr);
    t.regex(stderr.trimEnd(), line);
  });
}

test('a taken port stops with one line that names its flag', async (t) => {
  const folder = await temporaryFolder(t);
  const { createServer } = await import('node:net');
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  t.teardown(() => squatter.close());
  const address = squatter.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const ports = (await ownPorts()).with(1, String(port));
  const { code, stderr } = await demo('--folder', join(folder, 'cloud'), ...ports);
  t.is(code, 1);
  t.is(stderr.trimEnd(), `port ${port} is taken: stop what uses it, or choose another with --gateway-port PORT`);
});
