import { type Moment, UnsupportedFormula } from '../formula/call.ts';
import type { Definition } from '../formula/definition.ts';
import { type Environment, evaluateFormula } from '../formula/evaluator.ts';
import { type Names, namesOf } from '../formula/names.ts';
import { type ArrayValue, failure, isArray } from '../formula/value.ts';
import { type CellRange, type CellValue, cellKey, type Workbook } from '../workbook/model.ts';
import { cellSource } from './cell-source.ts';
import { circleAround } from './circle.ts';
import { type FormulaCell, RangeIndex } from './graph.ts';
import { loadSheet } from './load.ts';
import { precedentsOf } from './precedents.ts';
import { SheetState } from './sheet-state.ts';
import { store } from './spill.ts';
import { watchedMoment } from './watched-moment.ts';

export type CellPlace = { readonly sheet: number; readonly row: number; readonly column: number };

/** A formula that could not be worked out, and why; `feature` is the function or workbook that is not there. */
export type UnsupportedCell = CellPlace & { readonly feature: string };

/** Thrown on reading a cell that is not worked out yet; no Error, since most runs throw thousands. */
class NotReady {
  readonly cell: FormulaCell;

  constructor(cell: FormulaCell) {
    this.cell = cell;
  }
}

/** How many times a spill that changed its size may set others going before the rest is left as it stands. */
const mostRounds = 20;

/**
 * A workbook's values, kept up to date. Cells set with `set` make the formulas that read them, directly or not, be
 * worked out again by `recalculate`; all others keep their value.
 */
export class WorkbookCalculation {
  readonly names: Names;
  readonly #sheets: SheetState[];
  readonly #ranges = new RangeIndex();
  readonly #formulas: FormulaCell[] = [];
  readonly #dirty = new Set<FormulaCell>();
  readonly #workbook: Workbook;
  readonly #environment: Environment;
  readonly #cycles: CellPlace[][] = [];
  #pass = 0;
  #evaluating: FormulaCell | undefined;

  constructor(workbook: Workbook, functions: ReadonlyMap<string, Definition>, moment: Moment) {
    this.#workbook = workbook;
    this.names = namesOf(workbook);
    this.#sheets = workbook.sheets.map(() => new SheetState());
    this.#environment = {
      cells: cellSource(workbook, this.#sheets, (owner) => this.#watch(owner)),
      names: this.names,
      functions,
      reading: { dateSystem: workbook.dateSystem, currentYear: 1900 + Math.floor(moment.now / 365.25) },
      moment: watchedMoment(moment, () => {
        if (this.#evaluating) this.#evaluating.volatile = true;
      }),
    };
    for (const [index, state] of this.#sheets.entries()) {
      const sheet = workbook.sheets[index];
      if (sheet) for (const cell of loadSheet(sheet, index, state)) this.#formulas.push(cell);
    }
    for (const cell of this.#formulas) this.#dirty.add(cell);
    for (const cell of this.#formulas) this.#link(cell);
  }

  value({ sheet, row, column }: CellPlace): CellValue {
    return this.#sheets[sheet]?.read(row, column) ?? null;
  }

  /** The formula whose result a cell shows; undefined for a constant or a blank one. */
  formula({ sheet, row, column }: CellPlace): FormulaCell | undefined {
    return this.#sheets[sheet]?.owners.get(cellKey(row, column));
  }

  get formulas(): readonly FormulaCell[] {
    return this.#formulas;
  }

  get unsupported(): UnsupportedCell[] {
    return this.#formulas.flatMap(({ sheet, row, column, unsupported }) =>
      unsupported === undefined ? [] : [{ sheet, row, column, feature: unsupported }],
    );
  }

  /** The circles of references that the last recalculation went round, each in the order its cells read each other. */
  get cycles(): readonly (readonly CellPlace[])[] {
    return this.#cycles;
  }

  /** Puts a constant into a cell that holds no formula. */
  set(place: CellPlace, value: CellValue): void {
    this.#sheets[place.sheet]?.write(place.row, place.column, value);
    this.#spread(place.sheet, { top: place.row, left: place.column, bottom: place.row, right: place.column });
  }

  /** Works out what changed, and what changes by itself. */
  recalculate(): void {
    this.#cycles.length = 0;
    for (const cell of this.#formulas) if (cell.dynamic) this.#soil(cell);
    for (let round = 0; round < mostRounds && this.#dirty.size > 0; round += 1) {
      this.#pass += 1;
      for (const cell of [...this.#dirty]) this.#settle(cell);
    }
  }

  #link(cell: FormulaCell): void {
    if (!cell.node) return;
    const { areas, dynamic } = precedentsOf(cell.node, cell, this.names);
    cell.ranges = areas.map((area) => this.#ranges.node(area));
    cell.dynamic = dynamic;
    for (const node of cell.ranges) node.dependents.push(cell);
  }

  #soil(cell: FormulaCell): void {
    if (cell.state === 'dirty') return;
    this.#mark(cell);
    this.#spread(cell.sheet, cell.extent);
  }

  #mark(cell: FormulaCell): void {
    cell.state = 'dirty';
    this.#dirty.add(cell);
    const { left, right } = cell.extent;
    for (let column = left; column <= right; column += 1) this.#sheets[cell.sheet]?.change(column);
  }

  /** Marks what reads an area, and what reads that, as to be worked out. */
  #spread(sheet: number, range: CellRange): void {
    const waiting: { sheet: number; range: CellRange }[] = [{ sheet, range }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      for (const node of this.#ranges.touching(next.sheet, next.range)) {
        for (const cell of node.dependents) {
          if (cell.state === 'dirty') continue;
          this.#mark(cell);
          waiting.push({ sheet: cell.sheet, range: cell.extent });
        }
      }
    }
  }

  /** Works out a cell after what its text names; its own stack, since chains are longer than the engine's. */
  #settle(start: FormulaCell): void {
    type Frame = { cell: FormulaCell; waiting: FormulaCell[] };
    const open = new Set<FormulaCell>();
    const stack: Frame[] = [];
    const enter = (cell: FormulaCell) => {
      open.add(cell);
      stack.push({ cell, waiting: this.#unsettled(cell) });
    };
    if (start.state === 'dirty') enter(start);
    for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
      const next = frame.waiting.pop();
      if (next) {
        // One that is open may be read in a branch that is not taken; only reading it makes a circle.
        if (next.state === 'dirty' && !open.has(next)) enter(next);
        continue;
      }
      if (frame.cell.state === 'dirty') this.#demand(frame.cell);
      open.delete(frame.cell);
      stack.pop();
    }
  }

  #unsettled(cell: FormulaCell): FormulaCell[] {
    const found: FormulaCell[] = [];
    for (const node of cell.ranges) {
      if (node.settled === this.#pass) continue;
      let isSettled = true;
      for (const other of this.#sheets[node.area.sheet]?.formulasIn(node.area.range) ?? []) {
        if (other.state === 'clean') continue;
        isSettled = false;
        found.push(other);
      }
      if (isSettled) node.settled = this.#pass;
    }
    return found.reverse();
  }

  /** Works out a cell, and first whatever it turns out to read; going round in a circle ends here. */
  #demand(start: FormulaCell): void {
    const stack = [start];
    for (let cell = stack.at(-1); cell; cell = stack.at(-1)) {
      const missing = cell.state === 'dirty' ? this.#attempt(cell) : undefined;
      if (missing === undefined) {
        stack.pop();
        continue;
      }
      const place = stack.indexOf(missing);
      if (place < 0) stack.push(missing);
      else this.#close(stack.slice(place));
    }
  }

  /** Evaluates a cell; gives the cell that must come first, where there is one. */
  #attempt(cell: FormulaCell): FormulaCell | undefined {
    this.#evaluating = cell;
    cell.volatile = false;
    try {
      const result = this.#result(cell);
      cell.unsupported = undefined;
      this.#store(cell, result);
    } catch (error) {
      if (error instanceof NotReady) return error.cell;
      cell.unsupported = unsupportedFeature(error);
      this.#store(cell, failure('#NAME?'));
    }
    this.#finish(cell);
    return undefined;
  }

  #finish(cell: FormulaCell): void {
    cell.state = 'clean';
    this.#dirty.delete(cell);
  }

  #result(cell: FormulaCell): CellValue | ArrayValue {
    if (!cell.node) throw new UnsupportedFormula('a formula that cannot be read');
    const isArrayFormula = cell.kind !== 'normal';
    const shown = evaluateFormula(cell.node, cell, isArrayFormula, this.#environment);
    return isArray(shown) && !isArrayFormula ? (shown.values[0] ?? null) : shown;
  }

  #store(cell: FormulaCell, result: CellValue | ArrayValue): void {
    const state = this.#sheets[cell.sheet];
    if (!state) return;
    for (const area of store(cell, result, state)) this.#spread(cell.sheet, area);
  }

  /** Ends a circle: worked round until it settles where the workbook asks for that, named and 0 where it does not. */
  #close(circle: readonly FormulaCell[]): void {
    const { calculation } = this.#workbook;
    if (calculation.iterate) {
      const around = (cells: readonly FormulaCell[]) =>
        circleAround(
          cells,
          (cell) => this.#precedents(cell),
          (cell) => this.#dependents(cell),
        );
      this.#iterate(around(circle), calculation.maximumIterations, calculation.maximumChange);
      return;
    }
    this.#cycles.push(circle.map(({ sheet, row, column }) => ({ sheet, row, column })));
    for (const cell of circle) {
      cell.circular = true;
      this.#store(cell, 0);
      this.#finish(cell);
    }
  }

  *#precedents(cell: FormulaCell): Generator<FormulaCell> {
    for (const { area } of cell.ranges) yield* this.#sheets[area.sheet]?.formulasIn(area.range) ?? [];
  }

  *#dependents(cell: FormulaCell): Generator<FormulaCell> {
    for (const node of this.#ranges.touching(cell.sheet, cell.extent)) yield* node.dependents;
  }

  #iterate(cells: readonly FormulaCell[], most: number, tolerance: number): void {
    for (const cell of cells) {
      cell.circular = true;
      this.#finish(cell);
    }
    for (let round = 0; round < most; round += 1) {
      let change = 0;
      for (const cell of cells) {
        const before = this.value(cell);
        for (let missing = this.#attempt(cell); missing; missing = this.#attempt(cell)) this.#settle(missing);
        const after = this.value(cell);
        change = Math.max(
          change,
          typeof before === 'number' && typeof after === 'number' ? Math.abs(after - before) : Number(before !== after),
        );
      }
      if (change < tolerance) return;
    }
  }

  /** What a cell is that another reads passes on to that one. */
  #watch(owner: FormulaCell): void {
    if (owner.state === 'dirty') throw new NotReady(owner);
    if (owner.unsupported !== undefined) throw new UnsupportedFormula(owner.unsupported);
    if (owner.volatile && this.#evaluating) this.#evaluating.volatile = true;
  }
}

/** What a formula asks for in vain; nesting, texts and arrays past what the engine holds are among it. */
function unsupportedFeature(error: unknown): string {
  if (error instanceof UnsupportedFormula) return error.feature;
  if (error instanceof RangeError) return 'a formula past the limits of this engine';
  throw error;
}
