import { getWorkbook } from '#contracts/simulation/api.ts';
import { httpFunction } from '#core/function.ts';
import type { WorkbookContents } from './parsing/workbook-contents.ts';
import { findWorkbook } from './store/workbooks.ts';

export default httpFunction(getWorkbook, { cpu: 1, concurrency: 20, maxInstances: 2 }, async ({ id }, { tx }) => {
  const found = await findWorkbook(tx, id);
  if (found === undefined) return { problem: 'not-found', detail: `there is no workbook ${id}` };
  const { name, bytes, sha256, refusal, contents, parsedAt } = found;
  return {
    workbookId: id,
    name,
    bytes,
    sha256,
    state: refusal === undefined ? 'read' : 'refused',
    parsedAt: parsedAt.toISOString(),
    ...(refusal === undefined ? { contents: contents as WorkbookContents } : { refusal }),
  };
});
