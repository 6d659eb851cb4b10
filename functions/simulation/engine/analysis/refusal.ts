/**
 * Why an analysis cannot be made.
 *
 * - unreadable: a text that says no scenario, stress or goal
 * - not-an-input: a stress names a cell that is not drawn
 * - no-number: the goal's cell is no number at the start
 * - no-solution: no value was found at which the goal is met
 */
export type AnalysisRefusalCode = 'unreadable' | 'not-an-input' | 'no-number' | 'no-solution';

/** An analysis that cannot be made; the message is one sentence that says what was tried. */
export class AnalysisRefusal extends Error {
  override readonly name = 'AnalysisRefusal';
  readonly code: AnalysisRefusalCode;

  constructor(code: AnalysisRefusalCode, sentence: string) {
    super(sentence);
    this.code = code;
  }
}
