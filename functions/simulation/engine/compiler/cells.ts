import { rowState } from '../calculation/row-state.ts';
import type { Node } from '../formula/ast.ts';
import { type CellSource, type Moment, type Position, UnsupportedFormula } from '../formula/call.ts';
import type { Reading } from '../formula/coerce.ts';
import type { Definition } from '../formula/definition.ts';
import { type Environment, evaluateFormula } from '../formula/evaluator.ts';
import { namesOf } from '../formula/names.ts';
import { parseFormula } from '../formula/parser.ts';
import { FormulaSyntaxError } from '../formula/tokenizer.ts';
import { type ArrayValue, isArray, notAvailable } from '../formula/value.ts';
import { formatCell } from '../workbook/address.ts';
import {
  type CellRange,
  type CellValue,
  cellKey,
  columnCount,
  type Formula,
  rowCount,
  sheetContents,
  type Workbook,
} from '../workbook/model.ts';
import { identitiesOf } from './identity.ts';
import { withDrawsInPlace } from './random-calls.ts';
import { CompileRefusal } from './refusal.ts';

/** A cell's number over the whole workbook: its sheet's share of 2^34, and its key within. */
export type CellId = number;

const sheetShare = rowCount * columnCount;

export function cellId(sheet: number, row: number, column: number): CellId {
  return sheet * sheetShare + cellKey(row, column);
}

export function positionOf(id: CellId): Position {
  const key = id % sheetShare;
  return { sheet: Math.floor(id / sheetShare), row: Math.floor(key / columnCount), column: key % columnCount };
}

/** A workbook's formulas, read once each, and the values that do not depend on chance. */
export type Cells = {
  readonly workbook: Workbook;
  readonly environment: Environment;
  /** The formula that fills a cell: its own, or the array formula it is a member of. */
  readonly formulaAt: (id: CellId) => { readonly anchor: CellId; readonly formula: Formula } | undefined;
  readonly nodeOf: (anchor: CellId, formula: Formula) => Node;
  /** The value with every input at its stored value. */
  readonly base: (id: CellId) => CellValue;
  readonly nameOf: (id: CellId) => string;
  /** What a cell's stream of samples is keyed by. */
  readonly identityOf: (id: CellId) => string;
};

/** Opens a workbook for compiling; `fixed` cells keep their given value instead of their formula's. */
export function openCells(
  workbook: Workbook,
  functions: ReadonlyMap<string, Definition>,
  fixed: ReadonlyMap<CellId, CellValue>,
  moment: Moment,
): Cells {
  const nodes = new Map<CellId, Node>();
  const hasNames = workbook.definedNames.length > 0;
  const values = new Map<CellId, CellValue | ArrayValue>();
  const members = workbook.sheets.map((sheet) => arrayMembers(sheet.formulas.entries()));

  const nameOf = (id: CellId) => {
    const { sheet, row, column } = positionOf(id);
    return `${workbook.sheets[sheet]?.name ?? '?'}!${formatCell(row, column)}`;
  };

  const formulaAt = (id: CellId) => {
    const sheet = Math.floor(id / sheetShare);
    const key = id % sheetShare;
    const anchorKey = members[sheet]?.get(key) ?? key;
    const formula = workbook.sheets[sheet]?.formulas.get(anchorKey);
    return formula && { anchor: sheet * sheetShare + anchorKey, formula };
  };

  const nodeOf = (anchor: CellId, formula: Formula) => {
    const standing = nodes.get(anchor);
    if (standing) return standing;
    const read = parsed(formula, nameOf(anchor));
    const node = hasNames ? withDrawsInPlace(read, environment.names, positionOf(anchor)) : read;
    nodes.set(anchor, node);
    return node;
  };

  const stored = (id: CellId): CellValue =>
    sheetContents(workbook, Math.floor(id / sheetShare))?.values.get(id % sheetShare) ?? null;

  function base(id: CellId): CellValue {
    const given = fixed.get(id);
    if (given !== undefined) return given;
    const found = formulaAt(id);
    if (found === undefined || found.formula.kind === 'dataTable') return stored(id);
    const { anchor, formula } = found;
    if (!values.has(anchor)) {
      // A formula that reads itself finds 0 here; cycles are named when the graph is put in order.
      values.set(anchor, 0);
      try {
        values.set(anchor, evaluated(anchor, formula));
      } catch (error) {
        // Whatever else reads the cell meets the same refusal.
        values.delete(anchor);
        throw error;
      }
    }
    return elementFor(values.get(anchor) ?? null, id, formula);
  }

  function evaluated(anchor: CellId, formula: Formula): CellValue | ArrayValue {
    try {
      return evaluateFormula(nodeOf(anchor, formula), positionOf(anchor), formula.kind === 'array', environment);
    } catch (error) {
      if (!(error instanceof UnsupportedFormula)) throw error;
      // Other workbooks are not opened: what the file last saw of them stands.
      if (error.feature.startsWith('[')) return stored(anchor);
      throw new CompileRefusal(
        'unsupported-formula',
        `${nameOf(anchor)} needs ${error.feature}, which is not supported.`,
      );
    }
  }

  function elementFor(value: CellValue | ArrayValue, id: CellId, formula: Formula): CellValue {
    if (formula.kind !== 'array' || !isArray(value)) return (isArray(value) ? value.values[0] : value) ?? 0;
    return elementOf(value, formula.ref, positionOf(id)) ?? 0;
  }

  const source: CellSource = {
    value: (sheet, row, column) => base(cellId(sheet, row, column)),
    used: (sheet) => sheetContents(workbook, sheet)?.dimension,
    spilled: (sheet, row, column) => {
      const formula = workbook.sheets[sheet]?.formulas.get(cellKey(row, column));
      return formula?.kind === 'array' ? formula.ref : undefined;
    },
    formulaText: (sheet, row, column) => workbook.sheets[sheet]?.formulas.get(cellKey(row, column))?.text,
    numberFormat: (sheet, row, column) => workbook.sheets[sheet]?.numberFormats.get(cellKey(row, column)),
    rowState: (sheet, row) => rowState(workbook, sheet, row),
    sheetNames: workbook.sheets.map((sheet) => sheet.name),
  };
  const currentYear = 1900 + Math.floor(moment.now / 365.25);
  const reading: Reading = { dateSystem: workbook.dateSystem, currentYear };
  const environment: Environment = { cells: source, names: namesOf(workbook), functions, reading, moment };
  const identities = identitiesOf(workbook, ({ sheet, row, column }) => cellId(sheet, row, column));
  const identityOf = (id: CellId) => identities.get(id) ?? nameOf(id);
  return { workbook, environment, formulaAt, nodeOf, base, nameOf, identityOf };
}

function parsed(formula: Formula, cell: string): Node {
  try {
    return parseFormula(formula.text);
  } catch (error) {
    if (!(error instanceof FormulaSyntaxError)) throw error;
    throw new CompileRefusal('bad-formula', `The formula in ${cell} cannot be read: ${error.message}.`);
  }
}

/** Members of array formulas by their key, but for the corner itself. */
function arrayMembers(formulas: Iterable<[number, Formula]>): Map<number, number> {
  const members = new Map<number, number>();
  for (const [anchor, formula] of formulas) {
    if (formula.kind === 'normal') continue;
    const { top, left, bottom, right } = formula.ref;
    for (let row = top; row <= bottom; row += 1) {
      for (let column = left; column <= right; column += 1) {
        const key = cellKey(row, column);
        if (key !== anchor) members.set(key, anchor);
      }
    }
  }
  return members;
}

/** What an array shows in a cell of the range it fills: single rows and columns are repeated, the rest is #N/A. */
export function elementOf<T>(
  array: Pick<ArrayValue, 'rows' | 'columns'> & { readonly values: readonly T[] },
  range: CellRange,
  position: { readonly row: number; readonly column: number },
): T | typeof notAvailable {
  const row = array.rows === 1 ? 0 : position.row - range.top;
  const column = array.columns === 1 ? 0 : position.column - range.left;
  if (row >= array.rows || column >= array.columns) return notAvailable;
  return array.values[row * array.columns + column] ?? notAvailable;
}
