import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { startChild } from '../../../emulators/cloud/child.ts';

test('a service that ends by itself is started again, also where it is killed a second time before it is back', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-child-'));
  const child = await startChild({
    name: 'venue',
    module: join(import.meta.dirname, '..', '..', '..', 'emulators', 'venue', 'main.ts'),
    options: () => ({ port: 0, directory: join(folder, 'venue'), fsync: false }),
    logFile: join(folder, 'venue.log'),
  });
  try {
    const first = child.pid();
    await child.kill();
    await child.kill();
    await child.ready();
    t.not(child.pid(), first);
    await t.throwsAsync(child.ask('nothing like this'), { message: /no such method/ });
  } finally {
    await child.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
