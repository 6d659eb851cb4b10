/**
 * Why a request does not fit the workbook it names.
 *
 * - unknown-cell: a text names no cell, or none that the workbook has
 * - empty-cell: the cell is there and holds nothing
 * - input-twice: two inputs, or two ranges of them, claim one cell, or a correlation ties an input to itself
 * - not-an-input, not-an-output: a correlation or a threshold names a cell that the run does not draw or report
 */
export type RequestRefusalCode = 'unknown-cell' | 'empty-cell' | 'input-twice' | 'not-an-input' | 'not-an-output';

/** A request that does not fit its workbook; the message names the cell. */
export class RequestRefusal extends Error {
  override readonly name = 'RequestRefusal';
  readonly code: RequestRefusalCode;

  constructor(code: RequestRefusalCode, sentence: string) {
    super(sentence);
    this.code = code;
  }
}
