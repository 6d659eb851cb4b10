import test from 'ava';
import { type CellId, cellId, openCells } from '../../../functions/simulation/engine/compiler/cells.ts';
import { compileWorkbook, type RandomInput } from '../../../functions/simulation/engine/compiler/compile.ts';
import { CompileRefusal } from '../../../functions/simulation/engine/compiler/refusal.ts';
import { normal, uniform } from '../../../functions/simulation/engine/distributions/continuous.ts';
import { worksheetFunctions } from '../../../functions/simulation/engine/functions/registry.ts';
import { webAssembly } from '../../../functions/simulation/engine/kernel/host.ts';
import { startInterpretedMachine } from '../../../functions/simulation/engine/kernel/interpreted-machine.ts';
import { startMachine } from '../../../functions/simulation/engine/kernel/machine.ts';
import { compileToWebAssembly } from '../../../functions/simulation/engine/kernel/webassembly.ts';
import { createSampler } from '../../../functions/simulation/engine/sampling/sampler.ts';
import { parseCell } from '../../../functions/simulation/engine/workbook/address.ts';
import type { CellValue, Workbook } from '../../../functions/simulation/engine/workbook/model.ts';
import { type GridCells, gridWorkbook } from '../support/grid-workbook.ts';

const moment = { now: 46_000, random: () => 0.5 };
const paths = 256;

function at(address: string): CellId {
  const { row, column } = parseCell(address) ?? { row: 0, column: 0 };
  return cellId(0, row, column);
}

function compiled(workbook: Workbook, inputs: readonly RandomInput[], outputs: readonly string[]) {
  return compileWorkbook(workbook, worksheetFunctions, inputs, outputs.map(at), [], moment);
}

/** X is standard normal, U uniform, in A1 and A2; both machines' values of the outputs and the inputs. */
async function runBoth(cells: GridCells, outputs: readonly string[]) {
  const workbook = gridWorkbook({ Model: { A1: 0, A2: 0.5, ...cells } });
  const inputs = [
    { cell: at('A1'), distribution: normal(0, 1) },
    { cell: at('A2'), distribution: uniform(0, 1) },
  ];
  const model = compiled(workbook, inputs, outputs);
  const code = await compileToWebAssembly(model.program);
  const fast = startMachine(code, await webAssembly.compile(code.bytes));
  const slow = startInterpretedMachine(model.program);
  for (const machine of [fast, slow]) {
    createSampler(model.columns, { method: 'random', seed: 5, paths })(machine, 0, paths);
    machine.model(paths);
  }
  return { workbook, fast, slow };
}

const formulas: Readonly<Record<string, string>> = {
  arithmetic: '=(A1+3)*A2-A1/(A2+1)',
  powers: '=A1^2+(A2+1)^1.7-2^A1+A2^0.5',
  percent: '=-A1%+50%',
  conditions: '=IF(A1>0.5,A1*2,IF(AND(A2>0.2,A1<-1),7,A2))',
  comparison: '=(A1>=A2)+(A2<>A1)*2',
  'texts chosen by chance': '=IF(IF(A2<0.3,"low",IF(A2<0.6,"middle","high"))="middle",100,A1)',
  errors: '=IFERROR(SQRT(A1),-1)+IF(ISERROR(LN(A1)),1,0)',
  'extremes and sums': '=MAX(A1,0.1,A2)-MIN(A1,A2)+SUM(A1:A2,B1:B3)+AVERAGE(A1,A2,B1)',
  rounding: '=ROUND(A1*10,1)+ROUNDUP(A2*3,0)+ROUNDDOWN(A1,2)+INT(A1)+TRUNC(A1*5)+MOD(A1,0.3)',
  transcendental: '=EXP(A1)+LN(A2)+LOG10(A2)+LOG(A2,2)+SIN(A1)*COS(A2)+TAN(A2)+ATAN(A1)+TANH(A1)+SINH(A1)+ASIN(A2)',
  spread: '=STDEV.S(A1,A2,B1:B3)+VAR.P(A1,A2,1)+MEDIAN(A1,A2,0.3)+LARGE(B1:B3,1)',
  products: '=SUMPRODUCT(B1:B3,C1:C3)+PRODUCT(A1,A2,2)+SUMSQ(A1,A2)',
  choosing: '=CHOOSE(INT(A2*3)+1,A1,B2,C3)+SWITCH(INT(A2*2),0,A1,1,-A1)+IFS(A1>1,5,A1>-1,A2,TRUE,9)',
  'looking up': '=VLOOKUP(A2*3,E1:F4,2)+INDEX(B1:B3,INT(A2*3)+1)+MATCH(A2*3,E1:E4)+LOOKUP(A2*3,E1:E4,F1:F4)',
  'exact look-up': '=VLOOKUP(INT(A2*3),E1:F4,2,FALSE)',
  multiples: '=FLOOR(A2*10,3)+CEILING(A2*10,3)+MROUND(A2*10,3)+IFERROR(FLOOR(A1,-1),7)+COT(A2)+SEC(A2)+CSC(A2)',
  'sums by criteria':
    '=SUMIF(B1:B3,">2")+SUMIFS(C1:C3,B1:B3,">0",C1:C3,"<3")+COUNTIF(B1:C3,"<="&1)+IFERROR(AVERAGEIF(B1:B3,"<0"),5)',
  'subtotals and dates':
    '=SUBTOTAL(9,B1:B3)+SUBTOTAL(104,C1:C3)+DEVSQ(B1:B3)+AVEDEV(B1:B3)+XNPV(A2/10,B1:B3*1,E1:E3*100)',
  'the newer look-up': '=XLOOKUP(INT(A2*5),E1:E4,F1:F4,-1)',
  rates: '=EFFECT(A2/10,12)+NOMINAL(A2/10+0.01,4)',
  finance: '=NPV(A2/10,A1,B1,B2,B3)+PMT(A2/12,12,1000)+FV(A2/12,12,-10,A1)+PV(A2/12,24,5)',
  'normal functions': '=NORM.S.DIST(A1,TRUE)+NORM.S.INV(A2)+NORM.DIST(A1,A2,2,TRUE)+NORM.INV(A2,A1,3)',
  'names in a formula': '=LET(x,A1*2,y,x+A2,x*y)',
  'criteria that chance moves':
    '=SUMIFS(C1:C3,B1:B3,">="&A2,C1:C3,"<3")+COUNTIF(B1:B3,"<>"&A1)+SUMIF(H1:H4,"gold*",B1:B4)+MAXIFS(B1:B3,C1:C3,">0")+MINIFS(B1:B3,B1:B3,">100")',
  'order and rank': '=PERCENTILE(B1:B3,0.3)+QUARTILE(C1:C3,3)+RANK(A1,C1:C3)+RANK(B1,B1:B3,1)+MEDIAN(B1:C3)',
  dates:
    '=YEAR(45000+A1*400)*10000+MONTH(45000+A1*400)*100+DAY(45000+A1*400)+WEEKDAY(45000+A1*400,2)+EOMONTH(45000+A1*400,INT(A2*30)-12)+EDATE(45000+A1*400,INT(A2*30))+DAYS(45000,45000+A1)+DATE(2024,INT(A2*20)-3,INT(A2*90))',
  'the kinds of values':
    '=ISNUMBER(A1)+ISTEXT(IF(A2<0.5,"x",A1))*2+ISERROR(IF(A2<0.3,"x",1/(A2>0.6)))*4+ISLOGICAL(A1>0)*8+XOR(A1>0,A2>0.5)*16',
  'what is not found':
    '=IFNA(MATCH(INT(A2*9),E1:E4,0),-1)+IFNA(VLOOKUP(A1,E1:F4,2,TRUE),-7)+ISNA(XLOOKUP(INT(A2*9),E1:E4,F1:F4))+IFERROR(XMATCH(A2*9,E1:E4,1),50)',
  'a line in no order':
    '=IFERROR(MATCH(A1,B1:B3,1),9)+IFERROR(LOOKUP(A2*3,C1:C3,E1:E3),7)+IFERROR(VLOOKUP(A2*30,J1:K16,2),3)+IFERROR(MATCH(INT(A2*30),J1:J16,0),4)',
  'fifteen digits':
    '=(INT(A2*10)/10*3=INT(A2*10)*0.3)+(0.1*INT(A2*10)<0.3)*2+(INT(A2*10)*1.1/1.1>=INT(A2*10))*4+MOD(INT(A2*20)/10,0.1)',
  'odd roots': '=A1^(1/3)+(-A2)^(1/5)',
  'a reference that a constant leads to': '=OFFSET(B1,1,0)+INDIRECT("A"&1)*2',
};
const surroundings: GridCells = {
  B1: '=A1*3',
  B2: 4,
  B3: '=B1+A2',
  C1: '=A2',
  C2: 2,
  C3: '=A1',
  E1: 0,
  E2: 1,
  E3: 2,
  E4: 3,
  F1: 10,
  F2: '=A1',
  F3: 30,
  F4: 40,
  H1: 'gold 1',
  H2: 'silver',
  H3: 'Goldfish',
  ...Object.fromEntries(Array.from({ length: 16 }, (_, row) => [`J${row + 1}`, row * 2 + (row > 8 ? 1 : 0)])),
  ...Object.fromEntries(Array.from({ length: 16 }, (_, row) => [`K${row + 1}`, row % 5 === 0 ? '=A1' : row * 10])),
};

for (const [name, formula] of Object.entries(formulas)) {
  test(`${name}: compiled code, interpreter and formula evaluator agree path by path`, async (t) => {
    const { workbook, fast, slow } = await runBoth({ ...surroundings, D1: formula }, ['D1']);
    for (let path = 0; path < paths; path += 1) {
      const value = fast.outputs[0]?.[path] ?? 0;
      const oracle = slow.outputs[0]?.[path] ?? 0;
      t.true(Object.is(value, oracle) || (!Number.isFinite(value) && !Number.isFinite(oracle)));
      const stored = new Map<CellId, CellValue>([
        [at('A1'), fast.outputs[1]?.[path] ?? 0],
        [at('A2'), fast.outputs[2]?.[path] ?? 0],
      ]);
      const wanted = openCells(workbook, worksheetFunctions, stored, moment).base(at('D1'));
      if (typeof wanted === 'number') {
        const close = Math.abs(value - wanted) <= 1e-11 * Math.max(1, Math.abs(wanted));
        if (!close) return t.fail(`path ${path}: ${value}, and the formula gives ${wanted}`);
      } else t.false(Number.isFinite(value), `path ${path}: ${value}, and the formula gives ${JSON.stringify(wanted)}`);
    }
    return t.pass();
  });
}

test('an error is an error at the output, and is not hidden by what comes after it', async (t) => {
  const cells = { B1: '=1/(A1-A1)', B2: '=1/B1', B3: '=MIN(B1,5)', B4: '=IF(B1>0,1,2)', B5: '=EXP(-B1)' };
  const { fast } = await runBoth(cells, ['B1', 'B2', 'B3', 'B4', 'B5']);
  for (const values of fast.outputs.slice(0, 5))
    t.true(values.subarray(0, paths).every((value) => !Number.isFinite(value)));
});

test('RAND and the functions of @RISK are drawn anew on every path, each call its own', async (t) => {
  const workbook = gridWorkbook({
    Model: { A1: '=RAND()-RAND()', A2: '=RiskNormal(10,2,RiskTruncate(9,11))', A3: '=A1+A2' },
  });
  const model = compiled(workbook, [], ['A1', 'A2', 'A3']);
  t.deepEqual(
    model.columns.map(({ identity }) => identity),
    ['Model!A1', 'Model!A1#2', 'Model!A2'],
  );
  const machine = startInterpretedMachine(model.program);
  createSampler(model.columns, { method: 'random', seed: 1, paths })(machine, 0, paths);
  machine.model(paths);
  const [differences = new Float64Array(), kept = new Float64Array()] = machine.outputs;
  t.true(new Set(differences.subarray(0, paths)).size === paths);
  t.true(kept.subarray(0, paths).every((value) => value >= 9 && value <= 11));
});

test('other sheets and unrelated cells change no stream', (t) => {
  const cells = { A1: '=RAND()*2', B1: '=A1+1' };
  const plain = compiled(gridWorkbook({ Model: cells }), [], ['B1']);
  const workbook = gridWorkbook({ Model: { ...cells, C9: '=RAND()' }, Front: { A1: '=RAND()' } });
  t.deepEqual(compiled(workbook, [], ['B1']).columns, plain.columns);
});

test('a model is refused in a sentence that names the cells', (t) => {
  const cycle = gridWorkbook({ Model: { A1: '=B1+1', B1: '=C1', C1: '=A1*2' } });
  const error = t.throws(() => compiled(cycle, [], ['A1']), { instanceOf: CompileRefusal });
  t.is(error.code, 'cycle');
  t.regex(error.message, /Model!A1.*Model!B1.*Model!C1/);
  const unknown = gridWorkbook({ Model: { A1: 1, B1: '=WIBBLE(A1)', C1: '=A1+1' } });
  const inputs = [{ cell: at('A1'), distribution: normal(0, 1) }];
  t.regex(t.throws(() => compiled(unknown, inputs, ['B1'])).message, /Model!B1 needs WIBBLE/);
  t.notThrows(() => compiled(unknown, inputs, ['C1']), 'an unknown function stops only what depends on it');
});
