//process.env.NODE_OPTIONS="--cpu-prof --cpu-prof-dir=/tmp/prof --cpu-prof-interval=1000";

import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { withCloud } from './bench-cloud.ts';
import { percentile } from './load.ts';
import { cpuSecondsBelow } from './processes.ts';
import { openFlow } from './tick-to-order.ts';

await withCloud({}, async (cloud) => {
  const s = cloud.cloud.services;

  const flow = await openFlow(cloud);
  await flow.run(5);
  for (let r = 0; r < 3; r++) {
    const roots = {
      postgres: s.postgres.pid(),
      pubsub: s.pubsub.pid(),
      firestore: s.firestore.pid(),
      venue: s.venue.pid(),
      host: s.workers[0]!.pid(),
    };
    const self0 = process.cpuUsage();
    const a = cpuSecondsBelow(roots);
    const t = performance.now();
    const l = await flow.run(10);
    const wall = (performance.now() - t) / 1000;
    const b = cpuSecondsBelow(roots);
    const self = process.cpuUsage(self0);
    console.log(
      'p50',
      percentile(l, 0.5).toFixed(1),
      'p99',
      percentile(l, 0.99).toFixed(1),
      'wall',
      wall.toFixed(1),
      'load',
      loadavg()[0],
    );
    console.log(
      Object.keys(roots)
        .map((k) => k + ' ' + (((b[k]! - a[k]!) / 200) * 1000).toFixed(2) + 'ms/signal')
        .join('  '),
      'self',
      ((self.user + self.system) / 1000 / 200).toFixed(2),
    );
  }
  const counts =
    await cloud.sql`select relname, n_tup_ins, n_tup_upd, seq_scan, idx_scan, schemaname from pg_stat_user_tables where n_tup_ins+n_tup_upd>100 order by schemaname, relname`;
  for (const c of counts)
    console.log(c.schemaname, c.relname, c.n_tup_ins, c.n_tup_upd, 'seq', c.seq_scan, 'idx', c.idx_scan);
  await flow.close();
  const spans = readdirSync(cloud.folder + '/traces').flatMap((f) =>
    readFileSync(cloud.folder + '/traces/' + f, 'utf8')
      .trim()
      .split('\n')
      .map((x) => JSON.parse(x)),
  );
  const last = Math.max(...spans.map((x) => x.startMs));
  const by = new Map<string, number[]>();
  for (const x of spans)
    if (x.startMs > last - 12000) {
      const par = spans;
      by.set(x.name, [...(by.get(x.name) ?? []), x.durationMs]);
    }
  for (const [n, d] of by) {
    d.sort((p, q) => p - q);
    console.log(n.padEnd(40), d.length, 'p50', percentile(d, 0.5).toFixed(1), 'p99', percentile(d, 0.99).toFixed(1));
  }
  console.log('log', readFileSync(cloud.folder + '/logs/host.log', 'utf8').slice(0, 1500));
});
process.exit();
