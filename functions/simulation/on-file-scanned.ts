import { fileScanned } from '#contracts/files/events.ts';
import { workbookParsed } from '#contracts/simulation/events.ts';
import { eventFunction } from '#core/function.ts';
import { parseWorkbook } from './parsing/parse-workbook.ts';
import { storeWorkbook } from './store/workbooks.ts';

/** Memory: a workbook of 50 MB takes 1.5 GB while it is read. */
export default eventFunction(
  fileScanned,
  {
    emits: [workbookParsed],
    calls: [],
    readsBuckets: ['files'],
    onPoison: 'skip',
    cpu: 1,
    memory: '4GiB',
    concurrency: 1,
    maxInstances: 4,
    timeoutSeconds: 120,
  },
  async ({ fileId, name, bytes, sha256, kind, object, generation }, { transaction, config, now, log }) => {
    if (kind !== 'workbook') return;
    const parsed = await parseWorkbook(config, { object, generation });
    if (parsed.kind === 'gone') return log.warn({ fileId }, 'a workbook was deleted before it was read');
    const refusal = parsed.kind === 'refused' ? { code: parsed.code, detail: parsed.detail } : undefined;
    const contents = parsed.kind === 'read' ? parsed.contents : undefined;
    await transaction(async ({ tx, publish }) => {
      await storeWorkbook(tx, {
        id: fileId,
        name,
        bytes,
        sha256,
        object,
        generation,
        refusal,
        contents,
        parsedAt: now,
      });
      publish(workbookParsed, {
        workbookId: fileId,
        name,
        sha256,
        state: refusal === undefined ? 'read' : 'refused',
        ...refusal,
        sheets: contents?.sheets.length ?? 0,
        formulas: contents?.sheets.reduce((sum, { formulas }) => sum + formulas, 0) ?? 0,
        at: now.toISOString(),
      });
    });
  },
);
