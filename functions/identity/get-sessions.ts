import { getSessions } from '#contracts/identity/api.ts';
import { httpFunction } from '#core/function.ts';
import { loadOpenSessions } from './store/sessions.ts';

export default httpFunction(
  getSessions,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async (_, { tx, caller, now }) => ({ sessions: await loadOpenSessions(tx, caller.id, now) }),
);
