import { getProfile } from '#contracts/identity/api.ts';
import { httpFunction } from '#core/function.ts';
import { loadProfile } from './store/users.ts';

export default httpFunction(
  getProfile,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async (_, { tx, caller }) =>
    (await loadProfile(tx, caller.id)) ?? {
      problem: 'not-found',
      detail: 'the organisation has no such user any more',
    },
);
