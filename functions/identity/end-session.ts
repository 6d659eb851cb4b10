import { endSession } from '#contracts/identity/api.ts';
import { httpFunction } from '#core/function.ts';
import { endSession as endStoredSession } from './store/sessions.ts';

export default httpFunction(
  endSession,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async ({ id }, { tx, caller, now }) => {
    const ended = await endStoredSession(tx, { sessionId: id, userId: caller.id }, 'ended-by-user', now);
    return ended ? { ended: true as const } : { problem: 'not-found', detail: 'you have no such session open' };
  },
);
