import { instrumentListed } from '#contracts/market/events.ts';
import { eventFunction } from '#core/function.ts';
import { keepInstrument } from './store/instruments.ts';
import { venueNamed, venueNameOf } from './venues/registry.ts';

/**
 * Tells a simulated venue how the instrument trades, then keeps what orders need: an instrument that is known here is known there.
 * Telling it again changes nothing, so a redelivery may.
 */
export default eventFunction(
  instrumentListed,
  { calls: [], onPoison: 'park-key', cpu: 1, concurrency: 10, maxInstances: 2 },
  async (listed, { config, transaction }) => {
    const { instrument, tradable, tickSize, lotSize, multiplier, currency } = listed;
    const { feePerLot, spreadTicks, depthLots, levels } = listed;
    const venue = venueNamed(venueNameOf(instrument), { config });
    if (tradable && venue.simulation !== undefined) {
      await venue.simulation.configure({
        instrument,
        tickSize,
        lotSize,
        multiplier,
        currency,
        feePerLot,
        spreadTicks,
        depthLots,
        levels,
      });
    }
    await transaction(({ tx }) =>
      keepInstrument(tx, { instrument, tradable, venue: venue.name, currency, multiplier }, listed.version),
    );
  },
);
