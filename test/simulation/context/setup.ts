import { createHash, randomUUID } from 'node:crypto';
import { Storage } from '@google-cloud/storage';
import { fileScanned } from '#contracts/files/events.ts';
import { createSimulation } from '#contracts/simulation/api.ts';
import { type Harness, startHarness, type TestCaller } from '../../support/harness.ts';
import { type SheetSource, workbookFile } from '../support/workbook-file.ts';

export const TENANT = 'a0000000-0000-4000-8000-000000000001';
export const OTHER_TENANT = 'b0000000-0000-4000-8000-000000000002';

export const caller = (tenant = TENANT, plan = 'professional'): { as: TestCaller } => ({
  as: { tenant, id: 'trader-1', roles: [], plan },
});

export async function startSimulation(jobs = false): Promise<Harness> {
  return startHarness({ storage: true, jobs });
}

/** The bytes of a workbook whose only sheet, Model, has these cells; a formula is written with its "=". */
export function modelFile(cells: Readonly<Record<string, number | string>>, more: readonly SheetSource[] = []): Buffer {
  const byRow = Map.groupBy(Object.entries(cells), ([address]) => Number(address.replace(/\D/g, '')));
  const rows = [...byRow]
    .sort(([a], [b]) => a - b)
    .map(
      ([row, entries]) =>
        `<row r="${row}">${entries.map(([address, value]) => cellXml(address, value)).join('')}</row>`,
    );
  return workbookFile({ sheets: [{ name: 'Model', rows: rows.join('') }, ...more] });
}

function cellXml(address: string, value: number | string): string {
  if (typeof value === 'number') return `<c r="${address}"><v>${value}</v></c>`;
  if (value.startsWith('=')) {
    const text = value.slice(1).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    return `<c r="${address}"><f>${text}</f><v>0</v></c>`;
  }
  return `<c r="${address}" t="inlineStr"><is><t>${value}</t></is></c>`;
}

/** Puts a file where a clean scan leaves it, and tells the context of it. Returns the workbook's id. */
export async function scanned(harness: Harness, bytes: Buffer, tenant = TENANT): Promise<string> {
  const fileId = randomUUID();
  const bucket = harness.config('simulation').variable('BUCKET_FILES');
  const object = `${tenant}/${fileId}`;
  const file = new Storage().bucket(bucket).file(object);
  await file.save(bytes, { resumable: false });
  const [{ generation }] = await file.getMetadata();
  const status = await harness.deliver(
    'simulation-on-file-scanned',
    fileScanned,
    {
      fileId,
      ownerId: 'trader-1',
      name: 'model.xlsx',
      contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bucket,
      object,
      generation: String(generation),
      kind: 'workbook',
      scannedAt: new Date().toISOString(),
    },
    { tenant },
  );
  if (status !== 204) throw new Error(`the workbook was answered with ${status}`);
  return fileId;
}

/** Four random cells and eight outputs, so that a portion is 8 chunks: 131,072 paths. */
export const model = {
  A1: 0,
  A2: 0,
  A3: 1,
  A4: 0.5,
  A5: '=EXP(A1/5)*A3-A2+IF(A4<0.3,A2,2)',
  ...Object.fromEntries([6, 7, 8, 9, 10, 11, 12].map((row) => [`A${row}`, `=A5*${row}-A1*A2`])),
};

export const inputs = [
  { cell: 'Model!A1', distribution: 'normal(0,1)' },
  { cell: 'Model!A2', distribution: 'normal(0,1)' },
  { cell: 'Model!A3', distribution: 'gamma(2,3)' },
  { cell: 'Model!A4', distribution: 'uniform(0,1)' },
];

export const outputs = ['Model!A5:A12'];

/** Asks for a run. Returns its id. */
export async function asked(harness: Harness, request: Record<string, unknown>, as = caller()): Promise<string> {
  const { status, body } = await harness.request(createSimulation, { inputs, outputs, seed: 11, ...request }, as);
  if (status !== 202) throw new Error(`the run was answered with ${status}: ${JSON.stringify(body)}`);
  return body.simulationId;
}
