import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readArguments } from '../../../emulators/simulate/arguments.ts';
import { lastLine, simulate, smallWorkbook } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'simulate-analysis-'));
const file = join(folder, 'small.xlsx');
const place = (name: string) => join(folder, name);

test.before(async () => {
  writeFileSync(file, await smallWorkbook());
});

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

const price = ['--input', 'Model!A1=normal(100,10)'];
const cost = ['--input', 'Model!A2=normal(80,5)'];
const profit = [file, ...price, ...cost, '--output', 'Model!B1', '--paths', '50000'];

type Line = {
  readonly outputs: readonly Output[];
  readonly whatIf: readonly { name: string; outputs: readonly Output[] }[];
};
type Output = {
  readonly cell: string;
  readonly mean: number;
  readonly standardError: number;
  readonly errors: number;
  readonly risks: readonly {
    level: number;
    valueAtRisk: number;
    expectedShortfallInterval: { low: number; high: number };
  }[];
  readonly thresholds: readonly { probabilityBelow: number; interval: { low: number; high: number } }[];
  readonly percentiles: readonly { percent: number; value: number }[];
};

test('scenarios and stresses run on the same paths, beside the request itself', async (t) => {
  const ended = await simulate(
    ...profit,
    '--scenario',
    'dear:Model!A2=90,Model!A3=20',
    '--stress',
    'crash:Model!A1=low 5%',
    '--level',
    '90',
    '--percentile',
    '2.5',
    '--threshold',
    'Model!B1=100',
    '--json',
  );
  t.is(ended.code, 0, ended.stderr);
  const line = lastLine<Line>(ended);
  const [output] = line.outputs;
  t.true(Math.abs((output?.mean ?? 0) - 200) < 4 * (output?.standardError ?? 0));
  t.deepEqual(
    output?.risks.map(({ level }) => level),
    [0.9],
  );
  t.true(Math.abs((output?.risks[0]?.valueAtRisk ?? 0) - (1.281552 * Math.sqrt(125) * 10 - 200)) < 4);
  t.true(output?.percentiles.some(({ percent }) => percent === 2.5));
  const [below] = output?.thresholds ?? [];
  t.true((below?.interval.low ?? 1) < 0.18557 && 0.18557 < (below?.interval.high ?? 0), 'P(N(200, 112) < 100)');
  t.deepEqual(
    line.whatIf.map(({ name }) => name),
    ['dear', 'crash'],
  );
  t.true(Math.abs((line.whatIf[0]?.outputs[0]?.mean ?? 0) - 200) < 4);
  t.true((line.whatIf[1]?.outputs[0]?.mean ?? 0) < 10);
  t.regex(ended.stdout, /what if/);
});

test('a saved run says what made it, runs again to the last bit, and shows what another changed', async (t) => {
  const [first, second] = [place('first.json'), place('second.json')];
  t.is((await simulate(...profit, '--save', first)).code, 0);
  t.is((await simulate(...profit, '--save', second, '--workers', '1', '--seed', '2')).code, 0);
  const saved = JSON.parse(readFileSync(first, 'utf8')) as Record<string, unknown>;
  t.like(saved, { format: 'millrace-run/1', backend: 'webassembly', settings: { seed: 1 }, result: { paths: 50_000 } });
  t.regex((saved.workbook as { sha256: string }).sha256, /^[0-9a-f]{64}$/);
  const again = await simulate('--rerun', first, '--json');
  t.is(again.code, 0, again.stderr);
  t.like(lastLine(again), { identical: true });
  const compared = await simulate('--compare', first, second, '--json');
  t.like(lastLine(compared), { identical: false, asked: { 0: { where: 'settings.seed', first: '1', second: '2' } } });
  t.like(lastLine(await simulate('--compare', first, first, '--json')), { identical: true });
});

test('a saved run whose figures or workbook were changed since is told apart', async (t) => {
  const saved = place('changed.json');
  await simulate(...profit, '--save', saved);
  const text = readFileSync(saved, 'utf8');
  writeFileSync(saved, text.replace(/"skewness": (-?[\d.e-]+)/, '"skewness": 0.5'));
  const again = await simulate('--rerun', saved);
  t.is(again.code, 1);
  t.regex(again.stdout, /outputs\.0\.skewness: 0\.5 then/);
  writeFileSync(saved, text.replace(/"sha256": "[0-9a-f]{64}"/, `"sha256": "${'0'.repeat(64)}"`));
  const other = await simulate('--rerun', saved);
  t.is(other.code, 2);
  t.regex(other.stderr, /its content has changed/);
});

test('a goal is sought for a cell and for a figure of its distribution', async (t) => {
  const cell = await simulate(file, '--goal', 'Model!B1=500', '--by', 'Model!A1', '--json');
  t.true(Math.abs(lastLine<{ value: number }>(cell).value - 130) < 1e-6);
  const tail = await simulate(
    file,
    ...price,
    '--goal',
    'p5(Model!B1)=0',
    '--by',
    'Model!A2',
    '--paths',
    '20000',
    '--json',
  );
  t.is(tail.code, 0, tail.stderr);
  t.true(Math.abs(lastLine<{ value: number }>(tail).value - (100 - 16.45)) < 0.6);
  const none = await simulate(file, '--goal', 'Model!B1=500', '--by', 'Model!A1', '--between', '0,50');
  t.is(none.code, 2);
  t.regex(none.stderr, /No Model!A1 was found/);
});

test('distributions are fitted to a column, ranked in a table, and the best is an input', async (t) => {
  const table = await simulate(file, '--fit', 'Data!A2:A41', '--json');
  t.is(table.code, 0, table.stderr);
  const { fits } = lastLine<{ fits: { count: number; fits: { text: string; aic: number }[] }[] }>(table);
  t.is(fits[0]?.count, 40);
  const [best, next] = fits[0]?.fits ?? [];
  t.true((best?.aic ?? 0) <= (next?.aic ?? 0));
  t.regex(table.stdout, /not bernoulli: it has 0 and 1 only/);
  const words = ['--output', 'Model!B1', '--paths', '20000', '--json'];
  const fitted = await simulate(file, '--input', 'Model!A1=fit(Data!A2:A41)', ...words);
  const written = await simulate(file, '--input', `Model!A1=${best?.text}`, ...words);
  const mean = (ended: typeof fitted) => lastLine<Line>(ended).outputs[0]?.mean ?? Number.NaN;
  t.true(Math.abs(mean(fitted) / mean(written) - 1) < 1e-6);
});

test('every backend makes the same of the same samples, and a saved run keeps to its own', async (t) => {
  const lines: Line[] = [];
  for (const backend of ['webassembly', 'interpreter', 'recalculation']) {
    const words = [file, ...price, ...cost, '--output', 'Model!B2', '--paths', '5000', '--backend', backend];
    const ended = await simulate(...words, '--save', place(`${backend}.json`), '--json');
    t.is(ended.code, 0, ended.stderr);
    const line = lastLine<Line & { backend: string }>(ended);
    t.is(line.backend, backend);
    lines.push(line);
  }
  t.deepEqual(lines[1]?.outputs, lines[0]?.outputs);
  t.deepEqual(lines[2]?.outputs, lines[0]?.outputs);
  const again = await simulate('--rerun', place('recalculation.json'));
  t.is(again.code, 0, again.stderr);
});

test('an option without its value ends in one line', async (t) => {
  const { code, stderr } = await simulate(file, '--output', 'Model!B1', '--paths', '-5');
  t.is(code, 2);
  t.is(stderr.trim().split('\n').length, 1);
});

test('Ctrl-C ends a run with the figures of what was done, and runs no scenario after it', async (t) => {
  const words = [...price, '--output', 'Model!B1', '--paths', '3e9', '--scenario', 'dear:Model!A2=90', '--json'];
  const child = spawn(process.execPath, ['emulators/simulate/main.ts', file, ...words]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    // Its first line of progress: the run is under way. A second Ctrl-C would end it at once.
    if (stderr === '') child.kill('SIGINT');
    stderr += bytes.toString();
  });
  const [code] = await once(child, 'close');
  t.is(code, 130, stderr);
  const line = lastLine<Line & { paths: number; stopped: string }>({ code: 130, stdout, stderr });
  t.is(line.stopped, 'cancelled');
  t.true(line.paths < 3e9);
  t.false('whatIf' in line);
});

test('paths on which an output is an error are counted, and stay out of every figure', async (t) => {
  const words = ['--output', 'Model!B2', '--paths', '20000', '--json', '--report', place('errors.html')];
  const ended = await simulate(file, '--input', 'Model!A1=uniform(70,110)', ...words);
  const [output] = lastLine<Line>(ended).outputs;
  t.true(Math.abs((output?.errors ?? 0) / 20_000 - 0.25) < 0.02);
  t.true(Math.abs((output?.mean ?? 0) - 150) < 5);
  t.regex(ended.stdout, /the cell is an error \(#N\/A 100 %\)/);
  t.regex(readFileSync(place('errors.html'), 'utf8'), /is an error on [\d,]+ of 20,000 paths \(#N\/A 100 %\)/);
});

const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a scenario without a name', [...profit, '--scenario', 'Model!A2=5'], /is not understood/],
  ['a stress that is no tail', [...profit, '--stress', 'x:Model!A1=sideways'], /is not understood/],
  ['a goal without a cell to change', [file, '--goal', 'Model!B1=0'], /--by/],
  ['bounds the wrong way round', [file, '--goal', 'B1=0', '--by', 'A1', '--between', '9,1'], /lower bound first/],
  ['a level beyond 100 %', [...profit, '--level', '120'], /between 0 % and 100 %/],
  ['a comparison of one run', ['--compare', 'a.json'], /two saved runs/],
];

for (const [name, words, expected] of mistakes) {
  test(`${name} is refused when it is read`, (t) => {
    t.throws(() => readArguments(words), { message: expected });
  });
}

const refusals: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a stress of what is no input', [...profit, '--stress', 'x:Model!A3=low 5%', '--paths', '100'], /takes inputs/],
  ['a fit to a text', [file, '--fit', 'Data!A1:A1'], /at least 8 numbers/],
  ['a saved run that is none', ['--rerun', 'package.json'], /no saved run/],
];

for (const [name, words, expected] of refusals) {
  test(`${name} ends in one clear line`, async (t) => {
    const { code, stderr } = await simulate(...words);
    t.is(code, 2);
    t.is(stderr.trim().split('\n').length, 1);
    t.regex(stderr, expected);
  });
}
