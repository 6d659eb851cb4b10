import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type Cloud, startCloud } from '../../emulators/cloud/cloud.ts';
import { DEFAULT_PORTS } from '../../emulators/cloud/options.ts';
import { meanRevertingTicks } from '../../emulators/demo/mean-reverting-series.ts';
import { parseDemoOptions } from '../../emulators/demo/options.ts';
import { type Reconciliation, reconcile } from '../../emulators/demo/reconcile.ts';
import { asSuperuser } from '../../emulators/demo/superuser.ts';
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

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-demo-'));
  // The PostgreSQL server runs as a user of its own.
  await chmod(folder, 0o755);
  return folder;
}

async function ownPorts(): Promise<string[]> {
  const flags: string[] = [];
  for (const name of Object.keys(DEFAULT_PORTS)) flags.push(`--${name}-port`, String(await freePort()));
  return flags;
}

let folder: string;
let cloudFlags: string[];

test.before(async () => {
  folder = await temporaryFolder();
  cloudFlags = ['--folder', join(folder, 'cloud'), ...(await ownPorts())];
});

test.after.always(() => rm(folder, { recursive: true, force: true }));

test.serial('prices become bars, signals, orders and positions, and everything adds up', async (t) => {
  t.timeout(240_000);
  const rows = [...meanRevertingTicks(300, 42)].map(
    ({ atMs, price }) => `${new Date(atMs).toISOString().slice(0, 10)},${price}`,
  );
  const prices = join(folder, 'wti-generated.csv');
  await writeFile(prices, ['Date,Price', ...rows].join('\n'));

  const { code, stdout, stderr } = await demo('--prices', prices, '--json', ...cloudFlags);
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

/** One change of what the demo has left behind, and what there is to say of it. */
const DAMAGES: [what: string, damage: string, found: Partial<Reconciliation>, said: RegExp][] = [
  [
    'a fill that portfolio has not booked',
    'delete from portfolio.fills where fill_id = (select min(fill_id) from portfolio.fills)',
    { lost: 1, duplicated: 0 },
    /^1 executions that portfolio has not booked: /,
  ],
  [
    'a fill of another price than it traded at',
    'update execution.fills set price = price + 0.01 where fill_id = (select min(fill_id) from execution.fills)',
    { lost: 0, duplicated: 0 },
    /^1 fills in execution that are not as they traded: /,
  ],
  [
    'profit that no execution made',
    'update portfolio.ledgers set realized = realized + 0.01',
    { lost: 0, duplicated: 0 },
    /^1 figures of profit and loss that the executions do not give: WTI realized /,
  ],
  [
    'an event that one of its consumers has not processed',
    "delete from ai.inbox where event_id = (select min(event_id) from ai.inbox where function = 'ai-on-bar-closed')",
    { lost: 1, duplicated: 0 },
    /^1 events of market.bar.closed.v1 not processed by all: /,
  ],
  [
    'a bar that was processed under two ids',
    "insert into risk.inbox (function, event_id) values ('risk-on-bar-closed', 'twice')",
    { duplicated: 1 },
    /^different events of market.bar.closed.v1 processed: 300, not 299$/,
  ],
  [
    'an order that nobody approved',
    "update risk.decisions set approval_id = gen_random_uuid() where signal_id = (select min(signal_id::text)::uuid from risk.decisions where outcome = 'approved')",
    { lost: 1, duplicated: 1 },
    /^1 orders without an approval: /,
  ],
  [
    'a tick that is in no bar',
    'update market.tapes set ticks = ticks - 1 where ticks > 0',
    { lost: 1 },
    /^ticks of WTI in bars: 299, not 300$/,
  ],
];

test.serial('what does not add up is found and named', async (t) => {
  t.timeout(120_000);
  const { cloud: options } = parseDemoOptions([...cloudFlags, '--fresh']);
  const cloud = await startCloud({ ...options, fresh: false });
  t.teardown(() => cloud.stop());
  t.deepEqual(await reconcile(cloud), { lost: 0, duplicated: 0, differences: [] });
  for (const [what, damage, found, said] of DAMAGES) {
    const { lost, duplicated, differences } = await reconcileDamaged(cloud, damage);
    t.like({ lost, duplicated }, found, what);
    t.true(
      differences.some((difference) => said.test(difference)),
      `${what}: ${differences.join('; ')}`,
    );
  }
});

/** Row-level security does not bind the superuser; what was there is put back from copies of the tables. */
async function reconcileDamaged(cloud: Cloud, damage: string): Promise<Reconciliation> {
  const table = /(?:from|into|update) ([a-z]+\.[a-z]+)/.exec(damage)?.[1] ?? '';
  return asSuperuser(cloud, async (sql) => {
    await sql.unsafe(`create table public.kept as table ${table}; ${damage}`);
    try {
      return await reconcile(cloud);
    } finally {
      await sql.unsafe(
        `set session_replication_role = replica; delete from ${table}; insert into ${table} overriding system value select * from public.kept; set session_replication_role = origin; drop table public.kept`,
      );
    }
  });
}

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
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  t.teardown(() => squatter.close());
  const address = squatter.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const flags = ['--folder', join(folder, 'other'), ...(await ownPorts()), '--gateway-port', String(port)];
  const { code, stderr } = await demo(...flags);
  t.is(code, 1);
  t.is(stderr.trimEnd(), `port ${port} is taken: stop what uses it, or choose another with --gateway-port PORT`);
});
