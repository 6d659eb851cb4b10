import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { local, secretOf, temporaryFolder, textOf } from './support.ts';

test('unlike the real one, an access policy is kept and read back, and decides nothing', async (t) => {
  const manager = await local(t);
  const name = await secretOf(manager, 'key', ['one']);
  const bindings = [{ role: 'roles/secretmanager.secretAccessor', members: ['user:nobody@example.com'] }];
  await manager.client.setIamPolicy({ resource: name, policy: { bindings } });
  t.like((await manager.client.getIamPolicy({ resource: name }))[0], { bindings });
  t.is(await textOf(manager, `${name}/versions/latest`), 'one');
});

test('unlike the real one, secrets lie on the disk in the clear', async (t) => {
  const folder = temporaryFolder(t);
  const manager = await local(t, folder);
  await secretOf(manager, 'key', ['one-that-is-long-enough']);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const stored = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8')).join('');
  t.true(stored.includes(Buffer.from('one-that-is-long-enough').toString('base64')));
});
