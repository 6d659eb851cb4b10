import { getQuote } from '#contracts/market/api.ts';
import { httpFunction } from '#core/function.ts';
import { loadQuote } from './store/quotes.ts';

export default httpFunction(
  getQuote,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async ({ instrument }, { tx }) => {
    const quote = await loadQuote(tx, instrument);
    if (quote === undefined) return { problem: 'not-found', detail: `no price of ${instrument} has been seen` };
    return { instrument, ...quote };
  },
);
