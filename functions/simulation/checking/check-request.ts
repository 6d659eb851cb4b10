import type { HandlerContext } from '#core/function.ts';
import { expectedPace, type ModelSize, sizeFromFormulas } from '../domain/pace.ts';
import { prepareRun } from '../engine/request/prepare.ts';
import { readWorkbook } from '../engine/workbook/read.ts';
import { ObjectGone } from '../objects/objects.ts';
import { readWorkbookFile } from '../objects/workbook-object.ts';
import { formulasIn, type WorkbookContents } from '../parsing/workbook-contents.ts';
import type { ParsedWorkbook } from '../store/workbooks.ts';
import { sizeOf } from '../working/model-size.ts';
import { runRequestOf, type SettledRequest } from '../working/run-request.ts';
import { KEPT_BYTES, WORKER_CPUS } from '../working/run-worker.ts';

export type Checked = { kind: 'accepted'; workSeconds: number } | { kind: 'refused'; code: string; detail: string };

/** A workbook above this is compiled by the run itself. */
const COMPILED_AT_ONCE_BYTES = 5_000_000;

/** Whether a request can be run, as far as can be told while somebody waits for the answer, and about how long it takes. */
export async function checkRequest(
  config: HandlerContext<undefined>['config'],
  request: SettledRequest,
  workbook: ParsedWorkbook,
): Promise<Checked> {
  const { refusal, bytes, contents } = workbook;
  if (refusal !== undefined)
    return { kind: 'refused', code: 'workbook-refused', detail: `${refusal.detail} (${refusal.code})` };
  if (bytes > COMPILED_AT_ONCE_BYTES)
    return accepted(request.paths, sizeFromFormulas(formulasIn(contents as WorkbookContents), request.inputs.length));
  const file = await fileOf(config, workbook);
  if (file === undefined) return { kind: 'refused', code: 'workbook-refused', detail: "the workbook's file is gone" };
  const read = await readWorkbook(file);
  if (read.kind === 'refused') return { kind: 'refused', code: 'workbook-refused', detail: read.detail };
  const preparation = prepareRun(runRequestOf(request), read.workbook, KEPT_BYTES);
  if (preparation.kind === 'refused') return preparation;
  return accepted(request.paths, sizeOf(preparation.run.settings.model));
}

function accepted(paths: number, size: ModelSize): Checked {
  return { kind: 'accepted', workSeconds: paths / expectedPace(size, WORKER_CPUS) };
}

async function fileOf(
  config: HandlerContext<undefined>['config'],
  workbook: ParsedWorkbook,
): Promise<Buffer | undefined> {
  try {
    return await readWorkbookFile(config, workbook);
  } catch (error) {
    if (error instanceof ObjectGone) return undefined;
    throw error;
  }
}
