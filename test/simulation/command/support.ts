import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SourceCell, WorkbookSource } from '../../../emulators/simulate/sample/sheet-source.ts';
import { workbookFile } from '../../../emulators/simulate/sample/workbook-file.ts';

const execute = promisify(execFile);

export type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs `npm run simulate` to its end. */
export async function simulate(...words: string[]): Promise<Ended> {
  try {
    const { stdout, stderr } = await execute(process.execPath, ['emulators/simulate/main.ts', ...words]);
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Ended;
    return { code, stdout, stderr };
  }
}

/** The last line that a command printed, read as JSON. */
export function lastLine<T>({ stdout }: Ended): T {
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}

const cell = (content: number | string): SourceCell => ({ content, look: 'plain' });

/** Sheet Model: a profit of price, cost and volume, and twelve months' balance; sheet Data: forty prices. */
export function smallWorkbook(): Promise<Buffer> {
  const model = new Map<string, SourceCell>([
    ['A1', cell(100)],
    ['A2', cell(80)],
    ['A3', cell(10)],
    ['B1', cell('=A3*(A1-A2)')],
    ['B2', cell('=IF(A1>80,B1,NA())')],
  ]);
  for (let month = 1; month <= 12; month += 1) {
    model.set(`C${month}`, cell(month === 1 ? '=A1' : `=C${month - 1}*0.9+A2*0.2`));
  }
  const data = new Map<string, SourceCell>([['A1', cell('price')]]);
  for (let row = 0; row < 40; row += 1) data.set(`A${row + 2}`, cell(20 + ((row * 17) % 40) ** 1.3));
  const source: WorkbookSource = {
    sheets: [
      { name: 'Model', cells: model, widths: [] },
      { name: 'Data', cells: data, widths: [] },
    ],
    names: [],
  };
  return workbookFile(source);
}
