import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { largeWorkbook } from './large-workbook.ts';
import { type Figure, spreadOf } from './measurement.ts';

const ROWS = 175_000;
const ROUNDS = 3;

/** A workbook of 50 MB, read in a process of its own so that its memory is the reader's. */
export async function measureReadLarge(say: (line: string) => void): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'read-large-'));
  try {
    say('writing the workbook');
    const file = join(folder, 'large.xlsx');
    const bytes = largeWorkbook(ROWS);
    await writeFile(file, bytes);
    const rounds = Array.from({ length: ROUNDS }, (_, round) => {
      say(`reading it, ${round + 1} of ${ROUNDS}`);
      return readOnce(file);
    });
    const measured = `${(bytes.length / 1e6).toFixed(0)} MB (.xlsx), ${rounds[0]?.cells.toLocaleString('en')} cells, ${rounds[0]?.formulas.toLocaleString('en')} of them formulas; from bytes in memory to a workbook; one process a round`;
    return [
      {
        name: 'read a large workbook',
        unit: 's',
        spread: spreadOf(rounds.map(({ seconds }) => seconds)),
        target: { atMost: 5 },
        measured,
      },
      {
        name: 'read a large workbook, peak memory',
        unit: 'MB',
        spread: spreadOf(rounds.map(({ peakMb }) => peakMb)),
        target: { atMost: 1_500 },
        measured: 'the resident set of that process at its largest, Node and the file itself included',
      },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

type Round = { seconds: number; peakMb: number; cells: number; formulas: number };

function readOnce(file: string): Round {
  const child = spawnSync(process.execPath, [join(import.meta.dirname, 'read-large-worker.ts'), file], {
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(`reading ended with ${child.status}: ${child.stderr.trim()}`);
  return JSON.parse(child.stdout);
}
