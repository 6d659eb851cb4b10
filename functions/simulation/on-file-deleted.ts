import { fileDeleted } from '#contracts/files/events.ts';
import { eventFunction } from '#core/function.ts';
import { removeWorkbook } from './store/workbooks.ts';

export default eventFunction(
  fileDeleted,
  { onPoison: 'skip', cpu: 1, concurrency: 40, maxInstances: 2 },
  async ({ fileId }, { tx }) => removeWorkbook(tx, fileId),
);
