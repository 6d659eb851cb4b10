import type { HandlerContext } from '#core/function.ts';
import { readWorkbook } from '../engine/workbook/read.ts';
import { ObjectGone } from '../objects/objects.ts';
import { readWorkbookFile } from '../objects/workbook-object.ts';
import { contentsOf, type WorkbookContents } from './workbook-contents.ts';

export type Parsed =
  | { kind: 'read'; contents: WorkbookContents }
  | { kind: 'refused'; code: string; detail: string }
  | { kind: 'gone' };

/** Reads a workbook's file, or says why it cannot be read. */
export async function parseWorkbook(
  config: HandlerContext<undefined>['config'],
  place: { object: string; generation: string },
): Promise<Parsed> {
  try {
    const read = await readWorkbook(await readWorkbookFile(config, place));
    return read.kind === 'refused' ? read : { kind: 'read', contents: contentsOf(read.workbook) };
  } catch (error) {
    if (error instanceof ObjectGone) return { kind: 'gone' };
    throw error;
  }
}
