/**
 * Why a model is not run.
 *
 * - unknown-cell: an input or output names a cell that the workbook does not have
 * - unsupported-formula: an output depends on a function or a workbook that is not known
 * - cycle: formulas depend on each other in a circle, and the workbook does not ask for iteration
 * - bad-formula: a formula cannot be read
 * - bad-input: a distribution in a cell has impossible parameters
 */
export type CompileRefusalCode = 'unknown-cell' | 'unsupported-formula' | 'cycle' | 'bad-formula' | 'bad-input';

export class CompileRefusal extends Error {
  override readonly name = 'CompileRefusal';
  readonly code: CompileRefusalCode;

  constructor(code: CompileRefusalCode, sentence: string) {
    super(sentence);
    this.code = code;
  }
}

/** A formula has no compiled form; never seen outside the compiler, which leaves the cell to the formula engine. */
export class BeyondCompiler extends Error {
  override readonly name = 'BeyondCompiler';
  readonly what: string;

  constructor(what: string, cell: string) {
    super(`${cell} needs ${what}, which is not compiled.`);
    this.what = what;
  }
}

/** A formula reads a cell that is left to the formula engine, and so is left to it too. */
export class ReadsRecalculated extends BeyondCompiler {}
