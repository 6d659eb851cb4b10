import { getDeadLetters } from '#contracts/admin/api.ts';
import { httpFunction } from '#core/function.ts';
import { listDeadLetters } from './store/dead-letters.ts';

export default httpFunction(
  getDeadLetters,
  { cpu: 1, memory: '512MiB', concurrency: 20, maxInstances: 2 },
  async ({ state, function: functionName, after, limit }, { tx, now }) => {
    const { letters, next } = await listDeadLetters(tx, { state, function: functionName, after, limit }, now);
    return next === undefined ? { deadLetters: letters } : { deadLetters: letters, next };
  },
);
