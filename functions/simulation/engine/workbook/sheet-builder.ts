import { formatCell, parseCell, parseRange } from './address.ts';
import { CellStore } from './cell-store.ts';
import { serialOf } from './date.ts';
import { decimalOf } from './decimal.ts';
import { FormulaStore } from './formula-store.ts';
import type { ReadLimits } from './limits.ts';
import {
  type CellRange,
  cellKey,
  columnCount,
  type ErrorCode,
  errorCodes,
  keyColumn,
  keyRow,
  rowCount,
} from './model.ts';
import { Refusal } from './refusal.ts';
import { unescapeText } from './xstring.ts';

/** What a sheet's cells are read against. */
export type SheetContext = {
  readonly sheetName: string;
  readonly limits: ReadLimits;
  readonly sharedStringCount: number;
  /** Cell metadata that marks an array formula as one that spills. */
  readonly dynamicArrayMarks: ReadonlySet<number>;
  readonly dateSystem: 1900 | 1904;
  /** Cells of the whole workbook so far. */
  readonly budget: { cells: number };
};

/** A cell's value as the part spells it; an absent type is "n", an absent style 0. */
export type RawValue = {
  readonly style: number;
  readonly type: string;
  readonly value: string | undefined;
  readonly hasFormula: boolean;
};

export type RawFormula = { readonly text: string; readonly attribute: (name: string) => string | undefined };

const errors: ReadonlySet<string> = new Set(errorCodes);

/** Turns the cells of one sheet, in whatever order they come, into its stores. */
export class SheetBuilder {
  readonly cells: CellStore;
  readonly formulas = new FormulaStore();
  readonly hiddenRows = new Set<number>();
  readonly filters: CellRange[] = [];
  readonly #context: SheetContext;
  #row = -1;
  #nextColumn = 0;

  /** `cellsExpected` is a guess that saves growing. */
  constructor(context: SheetContext, cellsExpected: number) {
    this.#context = context;
    this.cells = new CellStore(cellsExpected);
  }

  /** A row begins; one without a number follows the one before it. */
  startRow(number: string | undefined, isHidden: boolean): void {
    this.#row = number === undefined ? this.#row + 1 : Number(number) - 1;
    this.#nextColumn = 0;
    if (isHidden) this.hiddenRows.add(this.#row);
    if (!(Number.isInteger(this.#row) && this.#row >= 0 && this.#row < rowCount)) {
      throw this.#broken(`has a row with the number ${JSON.stringify(number)}`);
    }
  }

  /** A filter with criteria is set on an area. */
  addFilter(ref: string): void {
    const range = parseRange(ref);
    if (range !== undefined) this.filters.push(range);
  }

  /** The key of the cell that comes next; a reference may be absent, then it follows the one before it. */
  place(reference: string | undefined): number {
    if (reference === undefined) return this.placeAt(this.#row, this.#nextColumn);
    const cell = parseCell(reference);
    if (cell === undefined) throw this.#broken(`has a cell called ${JSON.stringify(reference.slice(0, 40))}`);
    return this.placeAt(cell.row, cell.column);
  }

  placeAt(row: number, column: number): number {
    if (row < 0 || column >= columnCount) throw this.#broken('has a cell past its last column');
    this.#row = row;
    this.#nextColumn = column + 1;
    return cellKey(row, column);
  }

  addNumber(key: number, value: number, style: number): void {
    this.#spend();
    this.cells.addNumber(key, value, style);
  }

  addSharedString(key: number, index: number, style: number): void {
    this.#spend();
    if (!(Number.isInteger(index) && index >= 0 && index < this.#context.sharedStringCount)) {
      throw this.#broken(`names a shared string that is not there, in ${nameOf(key)}`);
    }
    this.cells.addSharedString(key, index, style);
  }

  addFormula(key: number, formula: RawFormula, metadata: number): void {
    const kind = formula.attribute('t') ?? 'normal';
    if (kind === 'array') {
      const dynamic = this.#context.dynamicArrayMarks.has(metadata);
      this.formulas.addArray(key, formula.text, this.#area(key, formula), dynamic);
    } else if (kind === 'dataTable') this.#addDataTable(key, formula);
    else if (kind === 'shared') this.#addShared(key, formula);
    else this.addNormalFormula(key, formula.text);
  }

  /** Some writers leave an empty `<f/>` behind where a formula was. */
  addNormalFormula(key: number, text: string): void {
    if (text !== '') this.formulas.addNormal(key, text);
  }

  addSharedMember(key: number, group: number): void {
    this.formulas.addSharedMember(key, group);
  }

  /** A value of any type. A cell with neither value nor formula is not kept: it is blank. */
  addValue(key: number, { type, value, style, hasFormula }: RawValue): void {
    if (value === undefined || (value === '' && type !== 'str' && type !== 'inlineStr')) {
      if (!hasFormula) return;
      this.#spend();
      this.cells.addBlank(key, style);
      return;
    }
    if (type === 's') {
      this.addSharedString(key, Number(value), style);
      return;
    }
    if (type === 'n' || type === 'd') {
      const number = type === 'n' ? decimalOf(value.trim()) : serialOf(value, this.#context.dateSystem);
      if (number === undefined || !Number.isFinite(number)) throw this.#notA('number', key, value);
      this.addNumber(key, number, style);
      return;
    }
    this.#spend();
    if (type === 'b') this.cells.addBoolean(key, isTrue(value.trim()), style);
    else if (type === 'str' || type === 'inlineStr') this.cells.addString(key, unescapeText(value), style);
    else if (type === 'e' && errors.has(value)) this.cells.addError(key, value as ErrorCode, style);
    else throw this.#notA(type === 'e' ? 'error' : 'type of cell', key, type === 'e' ? value : type);
  }

  /** Call once, after the last cell. */
  seal(): void {
    const [lost] = this.formulas.seal();
    if (lost !== undefined) throw this.#broken(`has no formula for ${nameOf(lost)}, which shares one`);
    const twice = this.cells.seal();
    if (twice !== undefined) throw this.#broken(`has the cell ${nameOf(twice)} twice`);
  }

  #addShared(key: number, formula: RawFormula): void {
    const group = Number(formula.attribute('si') ?? Number.NaN);
    if (!Number.isInteger(group)) throw this.#broken(`has a shared formula of no group, in ${nameOf(key)}`);
    if (formula.text === '') this.addSharedMember(key, group);
    else this.formulas.addShared(key, formula.text, group);
  }

  /** ECMA-376 part 1, 18.3.1.40: one input lies in r1, and dtr says whether it is the row's; two are row, then column. */
  #addDataTable(key: number, formula: RawFormula): void {
    const area = this.#area(key, formula);
    const first = isTrue(formula.attribute('del1')) ? undefined : formula.attribute('r1');
    const second = isTrue(formula.attribute('del2')) ? undefined : formula.attribute('r2');
    if (isTrue(formula.attribute('dt2D'))) this.formulas.addDataTable(key, area, first, second);
    else if (isTrue(formula.attribute('dtr'))) this.formulas.addDataTable(key, area, first, undefined);
    else this.formulas.addDataTable(key, area, undefined, first);
  }

  #area(key: number, formula: RawFormula): CellRange {
    const ref = formula.attribute('ref');
    if (ref === undefined) {
      return { top: keyRow(key), left: keyColumn(key), bottom: keyRow(key), right: keyColumn(key) };
    }
    const range = parseRange(ref);
    if (range === undefined) throw this.#broken(`has an array formula over ${JSON.stringify(ref.slice(0, 40))}`);
    return range;
  }

  #spend(): void {
    this.#context.budget.cells += 1;
    if (this.#context.budget.cells > this.#context.limits.cells) {
      throw new Refusal('too-large', `The workbook has more than ${this.#context.limits.cells} cells.`);
    }
  }

  #notA(what: string, key: number, text: string): Refusal {
    return this.#broken(`has ${JSON.stringify(text.slice(0, 40))} in ${nameOf(key)}, which is no ${what}`);
  }

  #broken(what: string): Refusal {
    return new Refusal('broken-workbook', `The sheet ${this.#context.sheetName} ${what}.`);
  }
}

function nameOf(key: number): string {
  return formatCell(keyRow(key), keyColumn(key));
}

/** xsd:boolean. */
export function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true';
}
