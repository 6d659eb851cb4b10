import type { HandlerContext } from '#core/function.ts';
import { openBucket } from '#core/storage.ts';
import type { ParsedWorkbook } from '../store/workbooks.ts';
import { readObject } from './objects.ts';

/** The file of a workbook, of the generation that was scanned. Throws ObjectGone where it was deleted. */
export async function readWorkbookFile(
  config: HandlerContext<undefined>['config'],
  { object, generation }: Pick<ParsedWorkbook, 'object' | 'generation'>,
): Promise<Buffer> {
  return readObject(await openBucket(config, 'files'), object, { generation });
}
