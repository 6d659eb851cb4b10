import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import { PubSub } from '@google-cloud/pubsub';
import { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import { Storage } from '@google-cloud/storage';
import { credentials } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { newPlace, refusedStart, startEmulators } from './spawned.ts';

/** Official clients as any project makes them: by the variables alone. */
function clientsBy(t: ExecutionContext, variables: Record<string, string>) {
  Object.assign(process.env, variables);
  const clients = { pubsub: new PubSub(), firestore: new Firestore(), storage: new Storage() };
  t.teardown(async () => {
    await clients.pubsub.close();
    await clients.firestore.terminate();
    for (const name of Object.keys(variables)) if (name.endsWith('_HOST')) delete process.env[name];
  });
  return clients;
}

test.serial('the official clients find the services by the variables that are printed', async (t) => {
  const emulators = await startEmulators(
    t,
    await newPlace(t),
    '--only',
    'pubsub,firestore,storage',
    '--project',
    'mine',
  );
  const { pubsub, firestore, storage } = clientsBy(t, emulators.variables);
  const [topic] = await pubsub.createTopic('prices');
  t.is(topic.name, 'projects/mine/topics/prices');
  await firestore.doc('lots/1').set({ tonnes: 5 });
  t.is((await firestore.doc('lots/1').get()).get('tonnes'), 5);
  await storage.createBucket('lots');
  await storage.bucket('lots').file('1').save('tonnes', { resumable: false });
  t.is((await storage.bucket('lots').file('1').download())[0].toString(), 'tonnes');
  t.is(await emulators.end('SIGINT'), 0);
});

test.serial('a second start has what the first one was left with, and --fresh forgets it', async (t) => {
  const place = await newPlace(t);
  const first = await startEmulators(t, place, '--only', 'firestore');
  const { firestore } = clientsBy(t, first.variables);
  await firestore.doc('lots/1').set({ tonnes: 5 });
  t.is(await first.end('SIGTERM'), 0);
  const second = await startEmulators(t, place, '--only', 'firestore');
  t.is((await firestore.doc('lots/1').get()).get('tonnes'), 5);
  t.is(await second.end('SIGINT'), 0);
  const third = await startEmulators(t, place, '--only', 'firestore', '--fresh');
  t.false((await firestore.doc('lots/1').get()).exists);
  t.is(await third.end('SIGINT'), 0);
});

test.serial('where no variable is read, it is said what the client is to be given', async (t) => {
  const place = await newPlace(t);
  const emulators = await startEmulators(t, place, '--only', 'secret-manager,run');
  t.regex(emulators.output(), new RegExp(`servicePath: '127.0.0.1', port: ${place.ports['secret-manager']},`));
  t.regex(emulators.output(), new RegExp(`servicePath: '127.0.0.1', port: ${place.ports.run},`));
  const client = new SecretManagerServiceClient({
    servicePath: '127.0.0.1',
    port: place.ports['secret-manager'],
    sslCreds: credentials.createInsecure(),
    projectId: 'local',
  });
  t.deepEqual((await client.listSecrets({ parent: 'projects/local' }))[0], []);
  await client.close();
  const jobs = await fetch(`http://127.0.0.1:${place.ports.run}/v2/projects/local/locations/europe-west1/jobs`);
  t.is(jobs.status, 200);
  t.is(await emulators.end('SIGINT'), 0);
});

test.serial(
  'a job runs by the command that stands for its image, with the addresses of the other services',
  async (t) => {
    const place = await newPlace(t);
    const images = join(place.folder, 'images.json');
    writeFileSync(images, JSON.stringify({ report: { command: ['sh', '-c', 'echo $PUBSUB_EMULATOR_HOST'] } }));
    const emulators = await startEmulators(t, place, '--only', 'pubsub,run', '--run-images', images);
    const parent = `http://127.0.0.1:${place.ports.run}/v2/projects/local/locations/europe-west1`;
    const post = async (path: string, body: object): Promise<{ name: string }> =>
      (await (await fetch(`${parent}${path}`, { method: 'POST', body: JSON.stringify(body) })).json()) as {
        name: string;
      };
    await post('/jobs?jobId=report', { template: { template: { containers: [{ image: 'report' }] } } });
    const { name } = await post('/jobs/report:run', {});
    await fetch(`http://127.0.0.1:${place.ports.run}/v2/${name}:wait`, { method: 'POST', body: '{}' });
    const logs = join(place.folder, 'run', 'logs');
    const [log] = readdirSync(logs, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.log'));
    t.is(readFileSync(join(logs, log ?? ''), 'utf8'), `127.0.0.1:${place.ports.pubsub}\n`);
    t.is(await emulators.end('SIGINT'), 0);
  },
);

test.serial('faults are armed, listed and cleared by HTTP', async (t) => {
  const place = await newPlace(t);
  const emulators = await startEmulators(t, place, '--only', 'pubsub');
  const { pubsub } = clientsBy(t, emulators.variables);
  const faults = `http://127.0.0.1:${place.ports.control}/faults`;
  const post = (rule: unknown) => fetch(faults, { method: 'POST', body: JSON.stringify(rule) });
  const rule = { service: 'pubsub', method: 'CreateTopic', kind: 'error', code: 'RESOURCE_EXHAUSTED' };
  t.is((await post(rule)).status, 200);
  await t.throwsAsync(pubsub.createTopic('prices'), { code: 8 as never });
  const { faults: listed } = (await (await fetch(faults)).json()) as { faults: object[] };
  t.like(listed, [{ ...rule, share: 1, struck: 1 }]);
  t.is((await fetch(faults, { method: 'DELETE' })).status, 200);
  await t.notThrowsAsync(pubsub.createTopic('prices'));
  for (const wrong of [{ ...rule, kind: 'explode' }, { ...rule, service: 'firestore' }, 'no rule'])
    t.is((await post(wrong)).status, 400, JSON.stringify(wrong));
  t.is((await fetch(faults, { method: 'POST', body: '{' })).status, 400);
  t.is(await emulators.end('SIGINT'), 0);
});

test.serial('the clock is moved by HTTP, for every service and every later start, and never back', async (t) => {
  const place = await newPlace(t);
  const first = await startEmulators(t, place, '--only', 'firestore');
  const { firestore } = clientsBy(t, first.variables);
  const clock = `http://127.0.0.1:${place.ports.control}/clock`;
  const post = (move: object) => fetch(clock, { method: 'POST', body: JSON.stringify(move) });
  const moved = await post({ advanceSeconds: 86_400 });
  t.like(await moved.json(), { aheadSeconds: 86_400 });
  const { writeTime } = await firestore.doc('lots/1').set({ tonnes: 5 });
  t.true(writeTime.toMillis() > Date.now() + 86_000_000);
  t.is((await post({ at: new Date().toISOString() })).status, 400);
  t.is((await post({ at: '2999-01-01T00:00:00Z' })).status, 200);
  t.is(await first.end('SIGINT'), 0);
  const second = await startEmulators(t, place, '--only', 'firestore');
  t.regex(second.output(), /# the clock is \d+(\.\d+)? s ahead/);
  t.is((await firestore.doc('lots/2').set({})).writeTime.toDate().getUTCFullYear(), 2999);
  t.is(await second.end('SIGINT'), 0);
});

test.serial('an index file makes Firestore refuse what it lacks, and expire what it names', async (t) => {
  const place = await newPlace(t);
  const file = join(place.folder, 'firestore.indexes.json');
  const fields = [
    { fieldPath: 'grade', order: 'ASCENDING' },
    { fieldPath: 'tonnes', order: 'ASCENDING' },
  ];
  const fieldOverrides = [
    { collectionGroup: 'sessions', fieldPath: 'expireAt', ttl: true, indexes: [] },
    {
      collectionGroup: 'trades',
      fieldPath: 'tonnes',
      indexes: [{ order: 'ASCENDING', queryScope: 'COLLECTION_GROUP' }],
    },
  ];
  writeFileSync(
    file,
    JSON.stringify({
      indexes: [{ collectionGroup: 'lots', queryScope: 'COLLECTION', density: 'SPARSE_ALL', fields }],
      fieldOverrides,
    }),
  );
  const emulators = await startEmulators(t, place, '--only', 'firestore', '--strict-indexes', file);
  const { firestore } = clientsBy(t, emulators.variables);
  const query = (collection: string) =>
    firestore.collection(collection).where('grade', '==', 'A').where('tonnes', '>', 5).get();
  t.is((await query('lots')).size, 0);
  await t.throwsAsync(query('others'), { code: 9 as never });
  t.is((await firestore.collectionGroup('trades').where('tonnes', '>', 5).get()).size, 0);
  await t.throwsAsync(firestore.collectionGroup('trades').where('grade', '>', 'A').get(), { code: 9 as never });
  await firestore.doc('sessions/1').set({ expireAt: new Date(Date.now() + 3_600_000) });
  const clock = `http://127.0.0.1:${place.ports.control}/clock`;
  await fetch(clock, { method: 'POST', body: JSON.stringify({ advanceSeconds: 3_601 }) });
  while ((await firestore.doc('sessions/1').get()).exists) await new Promise((resolve) => setTimeout(resolve, 5));
  t.is(await emulators.end('SIGINT'), 0);
});

test.serial('a start that cannot be is one line that says why, and leaves nothing behind', async (t) => {
  const place = await newPlace(t);
  const refusals: [flags: string[], line: RegExp][] = [
    [['--only', 'pubsub,spanner'], /^--only: there is no service "spanner"; there are .*\n$/],
    [['--onyl', 'pubsub'], /^Unknown option '--onyl': the flags are .*\n$/],
    [['--pubsub-port', 'many'], /^--pubsub-port takes a whole number .*\n$/],
    [
      ['--only', 'firestore', '--strict-indexes', '/nowhere.json'],
      /^--strict-indexes: \/nowhere.json cannot be used: .*\n$/,
    ],
  ];
  for (const [flags, line] of refusals) {
    const { code, errors } = await refusedStart(t, place, ...flags);
    t.is(code, 1);
    t.regex(errors, line);
  }
});

test.serial('a port that is taken is named with the flag that chooses another', async (t) => {
  const place = await newPlace(t);
  for (const name of ['pubsub', 'firestore', 'storage', 'secret-manager', 'run', 'control'] as const) {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(place.ports[name], '127.0.0.1', resolve));
    const { code, errors } = await refusedStart(t, place, '--only', name === 'control' ? 'pubsub' : name);
    await new Promise((resolve) => holder.close(resolve));
    t.is(code, 1, name);
    t.regex(
      errors,
      new RegExp(`^port ${place.ports[name]} is taken: stop what uses it,? or .*--${name}-port.*\n$`),
      name,
    );
  }
});
