import { fromNumber } from '#contracts/kit/decimal.ts';
import { instrumentListed } from '#contracts/market/events.ts';
import { eventFunction } from '#core/function.ts';
import { saveInstrument } from './store/market.ts';

/** Risk's own copy of what its checks need of an instrument. */
export default eventFunction(
  instrumentListed,
  { onPoison: 'skip', cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 2 },
  async ({ instrument, version, tradable, multiplier, tickSize, lotSize, collarVolatilities }, { tx }) => {
    const collar = fromNumber(collarVolatilities, 6);
    await saveInstrument(tx, {
      instrument,
      version,
      tradable,
      multiplier,
      tickSize,
      lotSize,
      collarVolatilities: collar,
    });
  },
);
