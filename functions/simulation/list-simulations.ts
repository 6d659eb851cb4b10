import { listSimulations } from '#contracts/simulation/api.ts';
import { httpFunction } from '#core/function.ts';
import { findRuns } from './store/run-pages.ts';
import { readMark, runView, writeMark } from './views/run-view.ts';

export default httpFunction(
  listSimulations,
  { cpu: 1, concurrency: 80, maxInstances: 2 },
  async ({ state, workbookId, limit, after }, { tx }) => {
    const mark = after === undefined ? undefined : readMark(after);
    if (after !== undefined && mark === undefined) {
      return { problem: 'invalid-request', detail: '`after` is not the `next` of a page' };
    }
    // One more than asked for tells whether there is another page.
    const found = await findRuns(tx, { state, workbookId }, mark, limit + 1);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const next = found.length > limit && last !== undefined ? { next: writeMark(last) } : {};
    return { simulations: page.map(runView), ...next };
  },
);
