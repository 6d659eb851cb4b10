import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { startPubSub } from '../../../emulators/pubsub/server.ts';
import { localProcess, officialClient, receive, temporaryFolder, text } from './support.ts';

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('after a kill -9, what was acknowledged to the publisher is delivered and what was acked is not', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await localProcess(t, { port: 0, dataDir });
  const client = officialClient(t, first.port);
  const [topic] = await client.createTopic('prices');
  const [subscription] = await topic.createSubscription('bars');
  for (let n = 0; n < 20; n++) await topic.publishMessage({ data: Buffer.from(`${n}`) });
  const seen = await receive(subscription, 20, (message) => (Number(text(message)) < 10 ? message.ack() : undefined));
  t.is(seen.length, 20);
  // The client sends acks in groups, and the service logs them within 10 ms.
  while (((await first.request('backlog')) as { unacked: number }).unacked !== 10) await pause(10);
  await pause(50);
  await first.kill();

  const second = await localProcess(t, { port: 0, dataDir });
  t.like(await second.request('backlog'), { unacked: 10 });
  const again = await receive(officialClient(t, second.port).subscription('bars'), 10);
  t.deepEqual(again.map(text).sort(), ['10', '11', '12', '13', '14', '15', '16', '17', '18', '19']);
});

test('with fsync the same holds', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await localProcess(t, { port: 0, dataDir, fsync: true });
  const [topic] = await officialClient(t, first.port).createTopic('prices');
  await topic.createSubscription('bars');
  await Promise.all(Array.from({ length: 50 }, (_, n) => topic.publishMessage({ data: Buffer.from(`${n}`) })));
  await first.kill();
  const second = await localProcess(t, { port: 0, dataDir });
  t.like(await second.request('backlog'), { unacked: 50 });
});

async function logWith(
  t: Parameters<typeof temporaryFolder>[0],
  messages: number,
): Promise<{ dataDir: string; log: string }> {
  const dataDir = temporaryFolder(t);
  const server = await startPubSub({ port: 0, dataDir });
  const [topic] = await officialClient(t, server.port).createTopic('prices');
  await topic.createSubscription('bars');
  for (let n = 0; n < messages; n++) await topic.publishMessage({ data: Buffer.from(`message ${n}`) });
  await server.close();
  const folder = join(dataDir, 'messages');
  return { dataDir, log: join(folder, readdirSync(folder)[0] ?? '') };
}

test('a torn last record is dropped with a warning, and the rest is served', async (t) => {
  const { dataDir, log } = await logWith(t, 3);
  truncateSync(log, statSync(log).size - 4);
  const process = await localProcess(t, { port: 0, dataDir });
  t.like(await process.request('backlog'), { unacked: 2 });
  t.regex(process.stderr(), /dropped a torn last record/);
});

test('a corrupt record in the middle stops the start, with the file and the offset', async (t) => {
  const { dataDir, log } = await logWith(t, 3);
  const at = readFileSync(log).indexOf('message 1');
  writeSync(openSync(log, 'r+'), 'MESSAGE', at);
  const { message } = await t.throwsAsync(localProcess(t, { port: 0, dataDir }));
  t.regex(message, /0000000001\.log is corrupt at offset \d+/);
});

test('a disk that is full refuses a publish, and what was acknowledged before is there afterwards', async (t) => {
  const dataDir = temporaryFolder(t);
  // A process that may write files of 64 KiB at most, as if its disk were full after that.
  const limited = ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, 'emulators/pubsub/main.ts'];
  const child = spawn('bash', [...limited, JSON.stringify({ port: 0, dataDir })], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const project = `http://127.0.0.1:${port}/v1/projects/p`;
  const call = (method: string, path: string, body: object) =>
    fetch(`${project}/${path}`, { method, body: JSON.stringify(body) }).then(({ status }) => status);
  t.is(await call('PUT', 'topics/prices', {}), 200);
  t.is(await call('PUT', 'subscriptions/bars', { topic: 'projects/p/topics/prices' }), 200);
  const publish = () => call('POST', 'topics/prices:publish', { messages: [{ data: 'x'.repeat(10_000) }] });
  let acknowledged = 0;
  while ((await publish()) === 200) acknowledged++;
  t.not(await publish(), 200);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const again = await localProcess(t, { port: 0, dataDir });
  t.like(await again.request('backlog'), { unacked: acknowledged });
  t.is(again.stderr(), '', 'what was written of the refused message was cut off again');
});

test('a taken port ends the process with one clear line', async (t) => {
  const server = await localProcess(t, { port: 0, dataDir: temporaryFolder(t) });
  const { message } = await t.throwsAsync(localProcess(t, { port: server.port, dataDir: temporaryFolder(t) }));
  t.is(message, `port ${server.port} is taken: stop what uses it or pass --pubsub-port\n`);
});
