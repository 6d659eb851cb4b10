import { listInstrument } from '#contracts/market/api.ts';
import { instrumentListed } from '#contracts/market/events.ts';
import { httpFunction } from '#core/function.ts';
import { list } from './domain/instrument.ts';
import { lockInstrument, saveInstruments } from './store/instruments.ts';

export default httpFunction(
  listInstrument,
  { emits: [instrumentListed], cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 2 },
  async (terms, { tx, now, publish }) => {
    const listing = list(await lockInstrument(tx, terms.instrument), terms, 'operator');
    if (listing.kind === 'refused') return { problem: listing.reason, detail: listing.detail };
    const { instrument, version } = listing.instrument;
    if (listing.kind === 'listed') {
      const written = await saveInstruments(tx, [listing.instrument], now);
      if (written.length === 0)
        return { problem: 'conflict', detail: `${instrument} is being listed by somebody else` };
      publish(instrumentListed, listing.instrument);
    }
    return { instrument, version };
  },
);
