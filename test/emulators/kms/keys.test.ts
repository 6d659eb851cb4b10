import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startKms } from '../../../emulators/kms/server.ts';

const RING = 'projects/p/locations/l/keyRings/tenants';
const KEY = `${RING}/cryptoKeys/one`;

function folder(t: ExecutionContext): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-kms-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
}

async function started(t: ExecutionContext, dataDir = folder(t)) {
  const server = await startKms({ port: 0, dataDir });
  t.teardown(() => server.close());
  const ask = async (path: string, body?: object) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/v1/${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  };
  const make = (id = 'one') => ask(`${RING}/cryptoKeys?cryptoKeyId=${id}`, { purpose: 'ENCRYPT_DECRYPT' });
  return { dataDir, ask, make };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('what a key has encrypted it decrypts, after a restart too', async (t) => {
  const { dataDir, ask, make } = await started(t);
  t.is((await make()).body.name, KEY);
  const { body } = await ask(`${KEY}:encrypt`, { plaintext: base64('secret') });
  t.is(body.name, `${KEY}/cryptoKeyVersions/1`);
  const again = await started(t, dataDir);
  const opened = await again.ask(`${KEY}:decrypt`, { ciphertext: body.ciphertext });
  t.is(opened.body.plaintext, base64('secret'));
});

test('a key that is there already, or has no name, is refused', async (t) => {
  const { ask, make } = await started(t);
  await make();
  t.is((await make()).status, 409);
  t.is((await make('a%20b')).status, 400);
  t.is((await ask(KEY)).status, 200);
  t.is((await ask(`${RING}/cryptoKeys/none`)).status, 404);
  t.is((await ask(`${RING}/cryptoKeys/none:encrypt`, { plaintext: '' })).status, 404);
});

test('what was changed, or another key has encrypted, is refused', async (t) => {
  const { ask, make } = await started(t);
  await Promise.all([make(), make('two')]);
  const { body } = await ask(`${KEY}:encrypt`, { plaintext: base64('secret') });
  const bytes = Buffer.from(body.ciphertext ?? '', 'base64');
  bytes.writeUInt8(bytes.readUInt8(14) ^ 1, 14);
  t.is((await ask(`${KEY}:decrypt`, { ciphertext: bytes.toString('base64') })).status, 400);
  t.is((await ask(`${RING}/cryptoKeys/two:decrypt`, { ciphertext: body.ciphertext })).status, 400);
  t.is((await ask(`${KEY}:decrypt`, { ciphertext: '' })).status, 400);
  t.is((await ask(`${KEY}:encrypt`, { plaintext: '%' })).status, 400);
});

test('a destroyed key decrypts nothing any more', async (t) => {
  const { ask, make } = await started(t);
  await make();
  const { body } = await ask(`${KEY}:encrypt`, { plaintext: base64('secret') });
  t.is((await ask(`${KEY}/cryptoKeyVersions/1:destroy`, {})).body.state, 'DESTROYED');
  t.is((await ask(`${KEY}:decrypt`, { ciphertext: body.ciphertext })).status, 400);
  t.is((await ask(`${KEY}:encrypt`, { plaintext: base64('more') })).status, 400);
});
