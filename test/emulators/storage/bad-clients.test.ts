import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import test from 'ava';
import { startStorage } from '../../../emulators/storage/server.ts';
import { httpRequest, mistreat } from '../support/hostile-clients.ts';

test('random bytes, cut streams, half-open connections and a thousand idle clients leave it serving', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-storage-'));
  const server = await startStorage({ port: 0, dataDir });
  t.teardown(async () => {
    await server.close();
    rmSync(dataDir, { recursive: true });
  });
  const storage = new Storage({ projectId: 'millrace-test', apiEndpoint: `http://127.0.0.1:${server.port}` });
  const [bucket] = await storage.createBucket('prices');
  let saved = 0;
  const headers = { 'content-type': 'application/octet-stream' };
  const metadata = Buffer.from(JSON.stringify({ name: 'resumed' }));
  await mistreat(t, {
    port: server.port,
    greeting: Buffer.alloc(0),
    requests: [
      httpRequest('POST', '/upload/storage/v1/b/prices/o?uploadType=media&name=cut', headers, Buffer.alloc(2_000, 'x')),
      httpRequest('POST', '/upload/storage/v1/b/prices/o?uploadType=resumable', {}, metadata),
      httpRequest('PUT', '/prices/by-xml', headers, Buffer.alloc(2_000, 'x')),
    ],
    async serves() {
      const content = `${++saved}`;
      await bucket.file('one').save(content, { resumable: false });
      t.is((await bucket.file('one').download()).toString(), content);
    },
  });
});
