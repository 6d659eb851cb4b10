import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Workbook } from '../../functions/simulation/engine/workbook/model.ts';
import { readWorkbook } from '../../functions/simulation/engine/workbook/read.ts';
import { UsageError } from './usage.ts';

export type OpenedWorkbook = {
  readonly file: string;
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string;
  readonly workbook: Workbook;
};

/** Reads a workbook from a file. Throws UsageError. */
export async function openedWorkbook(file: string): Promise<OpenedWorkbook> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new UsageError(`the workbook cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
  }
  const read = await readWorkbook(bytes);
  if (read.kind === 'refused') throw new UsageError(`${file}: ${read.detail} (${read.code})`);
  return { file, sha256: createHash('sha256').update(bytes).digest('hex'), workbook: read.workbook };
}
