/**
 * Which engine made a result. Raise it whenever the same request with the same seed may give other bits than before:
 * another polynomial, another order of a sum, another reading of a formula. Results of one version repeat to the last bit.
 */
export const engineVersion = '2';
