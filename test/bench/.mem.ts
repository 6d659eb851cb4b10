import { mkdtempSync, rmSync } from 'node:fs';
import { execSync } from 'node:child_process';
import { PubSub } from '@google-cloud/pubsub';
import { LoadProcess, pause } from './load.ts';
const dataDir = mkdtempSync('/tmp/mem-');
const { process: server, ready } = await LoadProcess.start('emulators/pubsub/main.ts', { port: 0, dataDir });
const client = new PubSub({ projectId: 'bench', apiEndpoint: `127.0.0.1:${ready['port']}`, emulatorMode: true });
const [topic] = await client.createTopic('ttt');
const [sub] = await topic.createSubscription('sss', { enableMessageOrdering: process.argv.includes('ordered') });
await client.close();
const load = { project: 'bench', port: ready['port'], topic: topic.name, subscription: sub.name, bytes: 256 };
const { process: pub } = await LoadProcess.start('test/bench/pubsub-publisher.ts', load);
let fake = 0;
for (let i = 0; i < 20; i++) {
  fake += 100_000; pub.child.send({ progress: fake });
  for (;;) { await pause(200); const r = await pub.ask('report'); if (r.count >= fake) break; }
  if (i % 4 === 3) console.log('published', (await pub.ask('report')).count, 'rss', server.residentMb(), 'pub rss', pub.residentMb(), execSync(`du -sm ${dataDir}`).toString().trim());
}
const { process: cons } = await LoadProcess.start('test/bench/pubsub-subscriber.ts', load);
let n = 0; let last = 0; let since = Date.now();
while ((n = (await cons.ask('report')).count) < 2_000_000 && Date.now() - since < 10000) { if (n > last) { since = Date.now(); last = n; } await pause(500); }
console.log('received', n, 'rss', server.residentMb());
await pause(1000);
console.log(execSync(`du -sm ${dataDir}`).toString().trim());
await cons.end(); await pub.end(); await server.end(); rmSync(dataDir, { recursive: true });
