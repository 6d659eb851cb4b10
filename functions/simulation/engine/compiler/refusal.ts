/**
 * Why a model is not compiled.
 *
 * - unknown-cell: an input or output names a cell that the workbook does not have
 * - unsupported-formula: an output depends on a function that is not known, or not known to be random
 * - cycle: formulas depend on each other in a circle
 * - bad-formula: a formula cannot be read
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
