import { listPositions } from '#contracts/portfolio/api.ts';
import { httpFunction } from '#core/function.ts';
import { findPositions } from './store/position-pages.ts';
import { positionView, readMark, writeMark } from './views/position-view.ts';

export default httpFunction(
  listPositions,
  { cpu: 1, concurrency: 80, maxInstances: 5 },
  async ({ instrument, book, state, limit, after }, { tx }) => {
    const mark = after === undefined ? undefined : readMark(after);
    if (after !== undefined && mark === undefined) {
      return { problem: 'invalid-request', detail: '`after` is not the `next` of a page' };
    }
    // One more than asked for tells whether there is another page.
    const found = await findPositions(tx, { instrument, book, state }, mark, limit + 1);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const next = found.length > limit && last !== undefined ? { next: writeMark(last.position) } : {};
    return { positions: page.map(positionView), ...next };
  },
);
