import { instrumentListed } from '#contracts/market/events.ts';
import { scheduleFunction } from '#core/function.ts';
import { list } from './domain/instrument.ts';
import { termsInForce } from './domain/terms.ts';
import { loadInstruments, saveInstruments } from './store/instruments.ts';

/** Lists what the dated table has and nobody has listed, and what its terms of today have changed. */
export default scheduleFunction(
  { cron: '0 * * * *', summary: 'Bring listed instruments up to the dated table of trading terms' },
  { emits: [instrumentListed], cpu: 1, memory: '512MiB', maxInstances: 1 },
  async ({ scheduledAt }, { tx, now, publish, log }) => {
    const listed = new Map((await loadInstruments(tx)).map((each) => [each.instrument, each]));
    const changed = [];
    for (const terms of termsInForce(scheduledAt)) {
      const existing = listed.get(terms.instrument);
      if (existing?.source === 'operator') continue;
      const listing = list(existing, terms, 'dated-table');
      if (listing.kind === 'refused')
        log.warn({ instrument: terms.instrument, reason: listing.reason }, listing.detail);
      if (listing.kind === 'listed') changed.push(listing.instrument);
    }
    for (const instrument of await saveInstruments(tx, changed, now)) publish(instrumentListed, instrument);
  },
);
