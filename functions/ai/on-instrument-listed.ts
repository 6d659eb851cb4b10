import { instrumentListed } from '#contracts/market/events.ts';
import { eventFunction } from '#core/function.ts';
import { saveInstrument } from './store/instruments.ts';

export default eventFunction(
  instrumentListed,
  { onPoison: 'park-key', cpu: 1, memory: '512MiB', concurrency: 10, maxInstances: 2 },
  async (listed, { tx }) => saveInstrument(tx, listed),
);
