import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Timestamp } from '@google-cloud/firestore';
import { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import { credentials } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { clockAhead, moveClock, now } from '../../emulators/clock.ts';
import { startScheduler } from '../../emulators/scheduler/scheduler.ts';
import { startSecretManager } from '../../emulators/secret-manager/server.ts';
import { startLocal, until } from './firestore/local-firestore.ts';
import { local, pull, subscriberClient, temporaryFolder } from './pubsub/support.ts';
import { localStorage, refusalOf } from './storage/local-storage.ts';

// One process has one clock, and it never goes back: these tests run one after the other, each at a later time.

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const SUBSCRIPTION = 'projects/millrace-test/subscriptions/prices';

function advance(seconds: number): void {
  moveClock(clockAhead() + seconds * 1_000);
}

/** A subscription with one message, and a client below the official one that pulls and acknowledges by hand. */
async function subscribed(t: ExecutionContext, options: object) {
  const { server, client } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [subscription] = await topic.createSubscription('prices', options);
  await topic.publishMessage({ data: Buffer.from('a') });
  return { client, topic, subscription, subscriber: subscriberClient(t, server.port) };
}

const textsOf = (pulled: { text: string }[]): string[] => pulled.map(({ text }) => text);

test.serial('a message whose ack deadline passes with a move of the clock is delivered again', async (t) => {
  const { subscriber } = await subscribed(t, { ackDeadlineSeconds: 600 });
  t.deepEqual(textsOf(await pull(subscriber, SUBSCRIPTION)), ['a']);
  advance(599);
  const [early] = await subscriber.pull({ subscription: SUBSCRIPTION, maxMessages: 1, returnImmediately: true });
  t.deepEqual(early.receivedMessages, []);
  advance(2);
  t.deepEqual(textsOf(await pull(subscriber, SUBSCRIPTION)), ['a']);
});

test.serial('a deadline that is set after a long move of the clock counts from there', async (t) => {
  const { subscriber } = await subscribed(t, { ackDeadlineSeconds: 600 });
  advance(DAY);
  t.deepEqual(textsOf(await pull(subscriber, SUBSCRIPTION)), ['a']);
  const [early] = await subscriber.pull({ subscription: SUBSCRIPTION, maxMessages: 1, returnImmediately: true });
  t.deepEqual(early.receivedMessages, []);
  advance(601);
  t.deepEqual(textsOf(await pull(subscriber, SUBSCRIPTION)), ['a']);
});

test.serial('a message that was nacked is delivered when its back-off passes with a move of the clock', async (t) => {
  const { subscriber } = await subscribed(t, {
    retryPolicy: { minimumBackoff: { seconds: 300 }, maximumBackoff: { seconds: 600 } },
  });
  const [message] = await pull(subscriber, SUBSCRIPTION);
  await subscriber.modifyAckDeadline({
    subscription: SUBSCRIPTION,
    ackIds: [message?.ackId ?? ''],
    ackDeadlineSeconds: 0,
  });
  const [early] = await subscriber.pull({ subscription: SUBSCRIPTION, maxMessages: 1, returnImmediately: true });
  t.deepEqual(early.receivedMessages, []);
  advance(301);
  t.deepEqual(textsOf(await pull(subscriber, SUBSCRIPTION)), ['a']);
});

test.serial('messages older than the retention are gone, and later ones bear the later time', async (t) => {
  const { topic, subscriber } = await subscribed(t, { messageRetentionDuration: { seconds: DAY } });
  advance(DAY + 1);
  await topic.publishMessage({ data: Buffer.from('b') });
  const [{ receivedMessages }] = await subscriber.pull({ subscription: SUBSCRIPTION, maxMessages: 10 });
  t.deepEqual(
    receivedMessages?.map(({ message }) => message?.data?.toString()),
    ['b'],
  );
  const published = Number(receivedMessages?.[0]?.message?.publishTime?.seconds);
  t.true(Math.abs(published - now() / 1_000) < MINUTE);
});

test.serial('a subscription that nobody uses for 31 days is gone', async (t) => {
  const { subscription } = await subscribed(t, {});
  advance(30 * DAY);
  t.deepEqual(await subscription.exists(), [true]);
  advance(32 * DAY);
  await until(async () => !(await subscription.exists())[0]);
  t.pass();
});

test.serial('commits are stamped with the moved time, and documents past theirs are deleted', async (t) => {
  const { db } = await startLocal(t, { ttl: [{ collectionGroup: 'sessions', field: 'expireAt' }] });
  const expireAt = Timestamp.fromMillis(now() + HOUR * 1_000);
  const before = await db.doc('sessions/a').set({ expireAt });
  advance(HOUR + 1);
  const after = await db.doc('others/a').set({ expireAt });
  t.true(after.writeTime.toMillis() - before.writeTime.toMillis() > HOUR * 1_000);
  await until(async () => !(await db.doc('sessions/a').get()).exists);
  t.true((await db.doc('others/a').get()).exists);
});

test.serial('a transaction that is left alone past its time is over', async (t) => {
  const { db } = await startLocal(t);
  let runs = 0;
  await db.runTransaction(async (transaction) => {
    const lot = await transaction.get(db.doc('lots/1'));
    if (runs++ === 0) advance(10 * MINUTE);
    transaction.set(lot.ref, { runs });
  });
  t.is(runs, 2);
});

test.serial('objects that reach the age of a lifecycle rule are deleted', async (t) => {
  const bucket = await (await localStorage(t)).bucket({
    lifecycle: { rule: [{ action: { type: 'Delete' }, condition: { age: 30 } }] },
  });
  await bucket.file('a.txt').save('tonnes');
  advance(29 * DAY);
  t.deepEqual(await bucket.file('a.txt').exists(), [true]);
  advance(2 * DAY);
  await until(async () => !(await bucket.file('a.txt').exists())[0]);
  t.pass();
});

test.serial(
  'an object may be deleted once its retention is over, and restored until its soft deletion is',
  async (t) => {
    const bucket = await (await localStorage(t)).bucket({ retentionPolicy: { retentionPeriod: HOUR } });
    const file = bucket.file('a.txt');
    await file.save('tonnes');
    t.is((await refusalOf(file.delete())).code, 403);
    advance(HOUR + 1);
    await file.delete();
    t.is((await bucket.getFiles({ softDeleted: true }))[0].length, 1);
    advance(8 * DAY);
    await until(async () => (await bucket.getFiles({ softDeleted: true }))[0].length === 0);
    t.pass();
  },
);

test.serial('a signed URL expires, and so does an upload that nobody goes on with', async (t) => {
  const bucket = await (await localStorage(t)).bucket();
  const file = bucket.file('a.txt');
  await file.save('tonnes');
  const times = { accessibleAt: now(), expires: now() + 15 * MINUTE * 1_000 };
  const [url] = await file.getSignedUrl({ version: 'v4', action: 'read', ...times });
  const [upload] = await bucket.file('b.txt').createResumableUpload();
  t.is((await fetch(url)).status, 200);
  advance(16 * MINUTE);
  t.is((await fetch(url)).status, 400);
  advance(8 * DAY);
  await until(async () => (await fetch(upload, { method: 'PUT', body: 'tonnes' })).status >= 400);
  t.deepEqual(await bucket.file('b.txt').exists(), [false]);
});

test.serial('a secret is gone when its time is over', async (t) => {
  const server = await startSecretManager({ port: 0, dataDir: temporaryFolder(t) });
  const client = new SecretManagerServiceClient({
    servicePath: '127.0.0.1',
    port: server.port,
    sslCreds: credentials.createInsecure(),
    projectId: 'millrace-test',
  });
  t.teardown(async () => {
    await client.close();
    await server.close();
  });
  const secret = { replication: { automatic: {} }, ttl: { seconds: HOUR } };
  const [{ name }] = await client.createSecret({ parent: 'projects/millrace-test', secretId: 'key', secret });
  await client.getSecret({ name: name ?? '' });
  advance(HOUR + 1);
  await t.throwsAsync(client.getSecret({ name: name ?? '' }), { code: 5 as never });
});

test.serial('a scheduled job runs when its time is passed, once however far the clock jumps', async (t) => {
  const calls: (string | undefined)[] = [];
  const target = createServer((request, response) => {
    calls.push(String(request.headers['x-cloudscheduler-scheduletime']));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(target, 'listening');
  t.teardown(() => target.close());
  const uri = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;
  const job = { name: 'close', schedule: '0 0 * * *', timeZone: 'Etc/UTC', httpTarget: { uri } };
  const runs: string[] = [];
  const scheduler = startScheduler(
    { jobs: [job], identityUrl: 'http://127.0.0.1:1' },
    { onRun: ({ job: name }) => runs.push(name) },
  );
  t.teardown(() => scheduler.close());
  advance(10 * DAY);
  await until(() => runs.length === 1);
  t.is(calls.length, 1);
});

test.serial('the clock never goes back', (t) => {
  const before = now();
  moveClock(0);
  moveClock(Number.NaN);
  t.true(now() >= before);
});
