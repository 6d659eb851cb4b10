import { getJwks } from '#contracts/identity/api.ts';
import { httpFunction } from '#core/function.ts';
import { keySetOf } from './effects/publish-key-set.ts';
import { loadSigningKeys } from './store/signing-keys.ts';

export default httpFunction(
  getJwks,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async (_, { tx, now }) => keySetOf(await loadSigningKeys(tx), now),
);
