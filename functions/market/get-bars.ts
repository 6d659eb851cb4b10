import { getBars } from '#contracts/market/api.ts';
import { httpFunction } from '#core/function.ts';
import { loadBars } from './store/bars.ts';

export default httpFunction(
  getBars,
  { cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async ({ instrument, before, limit }, { tx }) => {
    const bars = await loadBars(tx, instrument, before, limit);
    if (bars === undefined) return { problem: 'not-found', detail: `no instrument ${instrument} is listed` };
    const oldest = bars.at(-1)?.sequence ?? 1;
    // Bars are numbered from 1 without gaps, so below 1 there is no page.
    return oldest > 1 ? { bars, nextBefore: oldest } : { bars };
  },
);
