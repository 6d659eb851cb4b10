import { rowState } from '../calculation/row-state.ts';
import { cellId, elementOf, positionOf } from '../compiler/cells.ts';
import { type CellSource, UnsupportedFormula } from '../formula/call.ts';
import type { Definition } from '../formula/definition.ts';
import { type Environment, evaluateFormula } from '../formula/evaluator.ts';
import { namesOf } from '../formula/names.ts';
import { parseFormula } from '../formula/parser.ts';
import { FormulaSyntaxError } from '../formula/tokenizer.ts';
import { type ArrayValue, failure, isArray } from '../formula/value.ts';
import { type CellRange, type CellValue, cellKey, type Formula } from '../workbook/model.ts';
import { drawingFunctions, type PathDraws } from './draws.ts';
import type { Part, RecalculatedFormula, Recalculation } from './plan.ts';

/** Works out the formulas of a part for one path; `given` hands the value of the program's output of a number. */
export type Recalculator = {
  readonly settle: (given: (output: number) => number) => void;
  /** What a cell holds on the path that was settled last. */
  readonly value: (cell: number) => CellValue;
};

/** A formula's cell while it is recalculated: its result, and the path that the result belongs to. */
type Slot = RecalculatedFormula & { result: CellValue | ArrayValue; path: number };

/** The formula engine over the cells of a part, path after path. */
export function createRecalculator(
  plan: Recalculation,
  part: Part,
  functions: ReadonlyMap<string, Definition>,
  draws: PathDraws & { readonly restart: (cell: number) => void },
): Recalculator {
  const slots = new Map<number, Slot>();
  const members = new Map<number, Slot>();
  const steps = part.steps.map(({ formulas, isCircle }) => ({ isCircle, slots: formulas.map(added) }));
  const given = new Map<number, CellValue>();
  const waiting = new Map(plan.others);
  const environment = environmentOf(plan, functions, draws, source());
  let path = 0;

  function added(formula: RecalculatedFormula): Slot {
    const slot: Slot = { ...formula, result: 0, path: -1 };
    slots.set(formula.cell, slot);
    const { sheet } = positionOf(formula.cell);
    eachMember(formula.ref, (row, column) => members.set(cellId(sheet, row, column), slot));
    return slot;
  }

  function settle(output: (number: number) => number): void {
    path += 1;
    for (const { cell, output: number, isLogical } of part.given) {
      given.set(cell, isLogical ? output(number) === 1 : output(number));
    }
    for (const { isCircle, slots: group } of steps) {
      if (isCircle) goRound(group);
      else for (const slot of group) if (slot.path !== path) evaluate(slot);
    }
  }

  function evaluate(slot: Slot): void {
    // A formula that reads itself finds 0 here.
    slot.path = path;
    slot.result = 0;
    draws.restart(slot.cell);
    slot.result = resultOf(slot);
  }

  function resultOf({ node, cell, ref }: Slot): CellValue | ArrayValue {
    try {
      const result = evaluateFormula(node, positionOf(cell), ref !== undefined, environment);
      return (ref === undefined && isArray(result) ? result.values[0] : result) ?? 0;
    } catch (error) {
      if (error instanceof UnsupportedFormula || error instanceof RangeError) return failure('#NAME?');
      throw error;
    }
  }

  /** From what the file holds, until nothing changes any more or the workbook's number of rounds is reached. */
  function goRound(group: readonly Slot[]): void {
    for (const slot of group) {
      slot.path = path;
      slot.result = slot.stored ?? 0;
    }
    for (let round = 0; round < plan.iterations.most; round += 1) {
      let change = 0;
      for (const slot of group) {
        const before = slot.result;
        draws.restart(slot.cell);
        slot.result = resultOf(slot);
        const numeric = typeof before === 'number' && typeof slot.result === 'number';
        change = Math.max(change, numeric ? Math.abs(Number(slot.result) - before) : Number(before !== slot.result));
      }
      if (change < plan.iterations.tolerance) return;
    }
  }

  function value(cell: number): CellValue {
    const slot = slots.get(cell) ?? members.get(cell);
    return slot === undefined ? plain(cell) : shown(slot, cell);
  }

  function plain(cell: number): CellValue {
    const known = given.get(cell) ?? plan.constants.get(cell);
    if (known !== undefined) return known;
    const slot = taken(cell);
    return slot === undefined ? null : shown(slot, cell);
  }

  function shown(slot: Slot, cell: number): CellValue {
    if (slot.path !== path) evaluate(slot);
    const { result, ref } = slot;
    if (!isArray(result) || ref === undefined) return isArray(result) ? (result.values[0] ?? 0) : result;
    const position = positionOf(cell);
    // A spilled array that is smaller on this path leaves the rest of its cells blank.
    if (slot.isSpilled && !isWithin(filled(ref, result), position)) return null;
    return elementOf(result, ref, position) ?? 0;
  }

  /** A formula that was not foreseen: a reference worked out on this path leads to it. */
  function taken(cell: number): Slot | undefined {
    const formula = waiting.get(cell);
    if (formula === undefined) return undefined;
    waiting.delete(cell);
    const node = parsed(formula);
    if (node === undefined) return undefined;
    const ref = formula.kind === 'normal' ? undefined : formula.ref;
    const isSpilled = formula.kind === 'array' && formula.dynamic;
    return added({ cell, node, ref, isSpilled, stored: plan.constants.get(cell) ?? null });
  }

  function source(): CellSource {
    return {
      value: (sheet, row, column) => value(cellId(sheet, row, column)),
      used: (sheet) => (plan.sheets[sheet] ?? plan.externalSheets[sheet - plan.sheets.length])?.dimension,
      spilled: (sheet, row, column) => {
        const slot = slots.get(cellId(sheet, row, column));
        if (slot?.ref === undefined) return undefined;
        if (slot.path !== path) evaluate(slot);
        return isArray(slot.result) ? filled(slot.ref, slot.result) : slot.ref;
      },
      formulaText: (sheet, row, column) => plan.texts.get(cellId(sheet, row, column)),
      numberFormat: (sheet, row, column) => plan.sheets[sheet]?.numberFormats.get(cellKey(row, column)),
      rowState: (sheet, row) => rowState(plan, sheet, row),
      sheetNames: plan.sheets.map(({ name }) => name),
    };
  }

  return { settle, value };
}

function environmentOf(
  plan: Recalculation,
  functions: ReadonlyMap<string, Definition>,
  draws: PathDraws,
  cells: CellSource,
): Environment {
  return {
    cells,
    names: namesOf(plan),
    functions: new Map([...functions, ...drawingFunctions(draws)]),
    reading: { dateSystem: plan.dateSystem, currentYear: 1900 + Math.floor(plan.now / 365.25) },
    moment: { now: plan.now, random: () => 0.5 },
  };
}

function parsed(formula: Formula) {
  try {
    return parseFormula(formula.text);
  } catch (error) {
    if (error instanceof FormulaSyntaxError) return undefined;
    throw error;
  }
}

function eachMember(ref: CellRange | undefined, visit: (row: number, column: number) => void): void {
  if (ref === undefined) return;
  for (let row = ref.top; row <= ref.bottom; row += 1) {
    for (let column = ref.left; column <= ref.right; column += 1) visit(row, column);
  }
}

/** The area that a spilled array fills on this path. */
function filled({ top, left }: CellRange, { rows, columns }: ArrayValue): CellRange {
  return { top, left, bottom: top + rows - 1, right: left + columns - 1 };
}

function isWithin({ top, left, bottom, right }: CellRange, { row, column }: { row: number; column: number }): boolean {
  return row >= top && row <= bottom && column >= left && column <= right;
}
