import { getMandates } from '#contracts/ai/api.ts';
import { httpFunction } from '#core/function.ts';
import { loadMandates } from './store/mandates.ts';

export default httpFunction(
  getMandates,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async (_input, { tx }) => ({ mandates: await loadMandates(tx) }),
);
