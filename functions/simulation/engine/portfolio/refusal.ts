/**
 * Why a portfolio's risk cannot be worked out.
 *
 * - bad-position: none, too many, a name twice, or a number that is none
 * - bad-moves: deviations, correlations or days that do not fit the positions
 * - too-few-days: a history too short to speak of its tails
 * - history-needed: a historical method without a history
 * - bad-setting: a level, horizon, freedom, decay or number of paths out of its bounds
 */
export type PortfolioRefusalCode = 'bad-position' | 'bad-moves' | 'too-few-days' | 'history-needed' | 'bad-setting';

/** A portfolio request that cannot be followed; the message is one sentence. */
export class PortfolioRefusal extends Error {
  override readonly name = 'PortfolioRefusal';
  readonly code: PortfolioRefusalCode;

  constructor(code: PortfolioRefusalCode, sentence: string) {
    super(sentence);
    this.code = code;
  }
}
