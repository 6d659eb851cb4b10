import { getInstruments } from '#contracts/market/api.ts';
import { httpFunction } from '#core/function.ts';
import { loadInstruments } from './store/instruments.ts';

export default httpFunction(
  getInstruments,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async (_input, { tx }) => ({ instruments: await loadInstruments(tx) }),
);
