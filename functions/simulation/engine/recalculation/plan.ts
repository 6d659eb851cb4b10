import type { Node } from '../formula/ast.ts';
import type {
  CellRange,
  CellValue,
  DefinedName,
  ExternalName,
  ExternalSheet,
  Formula,
  Sheet,
  Table,
} from '../workbook/model.ts';

/** A cell's number over the whole workbook, as the compiler's cells.ts gives it. */
type CellId = number;

/** A formula that is worked out anew on every path. */
export type RecalculatedFormula = {
  readonly cell: CellId;
  /** With its random calls replaced by samples. */
  readonly node: Node;
  /** The area that an array formula fills; undefined for a plain one. */
  readonly ref: CellRange | undefined;
  readonly isSpilled: boolean;
  /** What the cells held when the file was saved: where a circle's iteration begins. */
  readonly stored: CellValue;
};

/** One formula, or a circle of them that is gone round until it settles. */
export type Step = { readonly formulas: readonly RecalculatedFormula[]; readonly isCircle: boolean };

/** A cell that takes its value from the program's output of that number. */
export type GivenCell = { readonly cell: CellId; readonly output: number; readonly isLogical: boolean };

/** Formulas in order, and the cells below them whose values come from the program. */
export type Part = { readonly steps: readonly Step[]; readonly given: readonly GivenCell[] };

/**
 * What the formula engine needs to take over where the compiled program ends: plain data, which may be posted to a
 * worker.
 */
export type Recalculation = {
  readonly sheets: readonly Pick<Sheet, 'name' | 'dimension' | 'numberFormats' | 'hiddenRows' | 'filters'>[];
  readonly externalSheets: readonly Omit<ExternalSheet, 'values'>[];
  readonly externalNames: readonly ExternalName[];
  readonly definedNames: readonly DefinedName[];
  readonly tables: readonly Table[];
  readonly dateSystem: 1900 | 1904;
  readonly iterations: { readonly most: number; readonly tolerance: number };
  readonly now: number;
  /** The cells that are the same on every path. */
  readonly constants: ReadonlyMap<CellId, CellValue>;
  /** The texts of formulas that others may look at. */
  readonly texts: ReadonlyMap<CellId, string>;
  /** Formulas that only a reference worked out on the path can lead to. */
  readonly others: ReadonlyMap<CellId, Formula>;
  /** The program's outputs that hold the samples of random calls. */
  readonly samples: readonly number[];
  /** The sample that the further draws of a cell's repeated random calls come from. */
  readonly streams: ReadonlyMap<CellId, number>;
  /** What follows the compiled cells; where one of those is an error on a path, its kind is needed: `whole`. */
  readonly brief: Part;
  /** Everything below the inputs. */
  readonly whole: Part;
  /** The cell that each output is read from; undefined where the program gives it itself. */
  readonly outputs: readonly (CellId | undefined)[];
  /** How many of the program's outputs the model shows: chosen outputs, then inputs. */
  readonly shown: number;
};
