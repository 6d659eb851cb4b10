import { barClosed } from '#contracts/market/events.ts';
import { eventFunction } from '#core/function.ts';
import { saveMark } from './store/market.ts';

/** The prices that signals are held against. */
export default eventFunction(
  barClosed,
  { onPoison: 'skip', cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 10 },
  async ({ instrument, sequence, close }, { tx }) => {
    await saveMark(tx, instrument, sequence, close);
  },
);
