import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { simulate } from './support.ts';

const file = '../shared/bench/margin-model/margin-model.xlsx';
const present = existsSync(file);

const shocks = Array.from({ length: 16 }, (_, index) => `Model!B${30 + index}`).flatMap((cell) => [
  '--input',
  `${cell}=${cell === 'Model!B44' ? 'uniform(0,1)' : 'normal(0,1)'}`,
]);

test('the margin model has the mean and deviation of its hand-written reference, and a report', async (t) => {
  if (!present) {
    t.log(`skipped: ${file} is not here`);
    return t.pass();
  }
  const folder = mkdtempSync(join(tmpdir(), 'simulate-'));
  const report = join(folder, 'report.html');
  try {
    const words = [
      file,
      ...shocks,
      '--output',
      'Model!D28',
      '--paths',
      '400000',
      '--seed',
      '3',
      '--report',
      report,
      '--json',
    ];
    const { code, stdout, stderr } = await simulate(...words);
    t.is(code, 0, stderr);
    const line: unknown = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    t.like(line, { paths: 400_000, seed: 3, outputs: { 0: { cell: 'Model!D28', errors: 0 } } });
    const [output] = (line as { outputs: { mean: number; standardDeviation: number; standardError: number }[] })
      .outputs;
    t.true(Math.abs((output?.mean ?? 0) - 1.2552e7) < 5 * (output?.standardError ?? 0));
    t.true(Math.abs((output?.standardDeviation ?? 0) / 6.949e6 - 1) < 0.02);
    const page = readFileSync(report, 'utf8');
    for (const picture of ['Histogram', 'Cumulative curve', 'Tornado', 'Convergence of the mean']) {
      t.true(page.includes(`aria-label="${picture}:`));
    }
    t.false(/https?:/.test(page), 'the page needs nothing from elsewhere');
  } finally {
    rmSync(folder, { recursive: true });
  }
  return undefined;
});

test('a price over time is given for a range of cells', async (t) => {
  if (!present) return t.pass('skipped');
  const words = [
    file,
    '--input',
    'Model!F10:F21=gbm(8500,3%,28%,1/12)',
    '--output',
    'Model!F21',
    '--paths',
    '1e5',
    '--json',
  ];
  const { code, stdout } = await simulate(...words);
  t.is(code, 0);
  const line = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    outputs: { mean: number; standardError: number }[];
  };
  const [output] = line.outputs;
  t.true(Math.abs((output?.mean ?? 0) - 8500 * Math.exp(0.03)) < 4 * (output?.standardError ?? 0));
  return undefined;
});

const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no workbook', [], /say which workbook/],
  ['a workbook that is not there', ['nowhere.xlsx', '--output', 'Model!D28'], /cannot be opened/],
  ['no output', [file], /--output/],
  ['a cell that is empty', [file, '--output', 'Model!Z99'], /Z99 is empty/],
  ['a sheet that is not there', [file, '--output', 'Wibble!A1'], /no sheet.*Model/],
  [
    'an unknown distribution',
    [file, '--input', 'Model!B30=wibble(1)', '--output', 'Model!D28'],
    /no distribution wibble/,
  ],
  ['a deviation below zero', [file, '--input', 'Model!B30=normal(0,-1)', '--output', 'Model!D28'], /above 0/],
  ['a number that is none', [file, '--output', 'Model!D28', '--paths', 'many'], /--paths needs a number/],
  ['an unknown option', [file, '--output', 'Model!D28', '--wibble'], /Unknown option/],
  [
    'a report in a folder that is not there',
    [file, '--output', 'Model!D28', '--report', '/nowhere/report.html'],
    /report\.html cannot be written/,
  ],
  [
    'a correlation of an input with itself',
    [file, '--input', 'Model!B30=normal(0,1)', '--output', 'Model!D28', '--correlate', 'Model!B30,Model!B30=0.5'],
    /two different inputs/,
  ],
  ['an unknown method', [file, '--output', 'Model!D28', '--sampling', 'wibble'], /one of random, antithetic/],
  [
    'a correlation with what is no input',
    [file, '--output', 'Model!D28', '--correlate', 'Model!B30,Model!B31=0.5'],
    /takes inputs/,
  ],
];

for (const [name, words, expected] of mistakes) {
  test(`${name} ends in one clear line`, async (t) => {
    if (!present && words.includes(file)) return t.pass('skipped');
    const { code, stderr } = await simulate(...words);
    t.is(code, 2);
    t.is(stderr.trim().split('\n').length, 1);
    t.regex(stderr, expected);
    return undefined;
  });
}
