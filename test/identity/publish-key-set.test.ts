import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { getJwks } from '#contracts/identity/api.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { IDENTITY_VARIABLES } from './variables.ts';

/** What the bucket has been sent, as far as Cloud Storage's JSON API shows it to a client that uploads one object. */
const uploads: { url: string; content: string }[] = [];
let answering = true;
const storage = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const content = /\{"keys".*\}/.exec(Buffer.concat(chunks).toString())?.[0] ?? '';
    if (answering) uploads.push({ url: request.url ?? '', content });
    response.writeHead(answering ? 200 : 403, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(answering ? { name: 'jwks.json', crc32c: crc32c(content) } : { error: { message: 'not yet' } }),
    );
  });
});

/** Cloud Storage's checksum, by which the client knows that what arrived is what it sent: RFC 3720's CRC32C, big-endian, in base64. */
function crc32c(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return checksum.toString('base64');
}

let harness: Harness;

test.before(async () => {
  await new Promise<void>((resolve) => storage.listen(0, '127.0.0.1', resolve));
  process.env.STORAGE_EMULATOR_HOST = `http://127.0.0.1:${(storage.address() as AddressInfo).port}`;
  harness = await startHarness({ variables: { ...IDENTITY_VARIABLES, ENVIRONMENT: 'dev', BUCKET_JWKS: 'keys' } });
});

test.after.always(async () => {
  await harness?.close();
  storage.close();
  storage.closeAllConnections();
});

test.serial('a bucket that refuses leaves the intent to the sweep, which publishes the set once it can', async (t) => {
  answering = false;
  t.is(await harness.schedule('identity-rotate-signing-keys'), 503);
  const { keys } = (await harness.request(getJwks, {})).body;
  t.is(keys.length, 1);
  answering = true;
  t.is(await harness.schedule('identity-sweep'), 204);
  t.is(uploads.length, 1);
  t.regex(uploads[0]?.url ?? '', /^\/upload\/storage\/v1\/b\/keys\/o\?/);
  t.deepEqual(JSON.parse(uploads[0]?.content ?? ''), { keys });
});

test.serial('a set that a younger one has replaced is not written any more', async (t) => {
  const [effect] = await harness.sql`select request from identity.effects order by intended_at limit 1`;
  await harness.sql`update identity.signing_keys set created_at = created_at - interval '1 day'`;
  t.is(await harness.schedule('identity-rotate-signing-keys'), 204);
  t.is(uploads.length, 2);
  await harness.sql`
    insert into identity.effects (name, client_id, function, cause, caused_at, traceparent, request)
    values ('publish-key-set', 'late', 'identity-login', 'late', now(), ${`00-${'a'.repeat(32)}-bbbbbbbbbbbbbbbb-01`},
      ${harness.sql.json(effect?.request)})`;
  t.is(await harness.schedule('identity-sweep'), 204);
  t.is(uploads.length, 2);
});
