import { Storage } from '@google-cloud/storage';
import test from 'ava';
import { startStorage } from '../../../emulators/storage/server.ts';
import { local, temporaryFolder, until } from './support.ts';

test('the messages of a Cloud Storage subscription are an object of the local Cloud Storage', async (t) => {
  const storage = await startStorage({ port: 0, dataDir: temporaryFolder(t) });
  t.teardown(() => storage.close());
  const apiEndpoint = `http://127.0.0.1:${storage.port}`;
  const { client, server } = await local(t, { storageUrl: apiEndpoint });
  const bucket = new Storage({ projectId: 'lake', apiEndpoint }).bucket('lake');
  await bucket.create();
  const [topic] = await client.createTopic('prices');
  await topic.createSubscription('lake', {
    cloudStorageConfig: { bucket: 'lake', filenamePrefix: 'prices/', maxBytes: 1000 },
  });
  await topic.publishMessage({ data: Buffer.alloc(1000, 'x') });
  await until(() => server.methods.backlog().unacked === 0);
  const [files] = await bucket.getFiles({ prefix: 'prices/' });
  t.is(files.length, 1);
  t.is((await files[0]?.download())?.[0].toString(), `${'x'.repeat(1000)}\n`);
});
