import { listFiles } from '#contracts/files/api.ts';
import { httpFunction } from '#core/function.ts';
import { isAdministrator } from './domain/sharing.ts';
import { findFiles } from './store/file-pages.ts';
import { fileView, readLabels, readMark, writeMark } from './views/file-view.ts';

export default httpFunction(
  listFiles,
  { cpu: 1, concurrency: 40, maxInstances: 5 },
  async ({ labels, limit, after, ...filter }, { tx, caller }) => {
    const mark = after === undefined ? undefined : readMark(after);
    if (after !== undefined && mark === undefined)
      return { problem: 'invalid-request', detail: '`after` is not the `next` of a page' };
    const wanted = labels === undefined ? undefined : readLabels(labels);
    if (labels !== undefined && wanted === undefined)
      return { problem: 'invalid-request', detail: '`labels` is written as name:value, with commas between several' };
    const viewer = { id: caller.id, roles: caller.roles, administrator: isAdministrator(caller) };
    // One more than asked for tells whether there is another page.
    const found = await findFiles(tx, viewer, { ...filter, labels: wanted }, mark, limit + 1);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const next = found.length > limit && last !== undefined ? { next: writeMark(last) } : {};
    return { files: page.map(fileView), ...next };
  },
);
