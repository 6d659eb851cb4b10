/** Figures as JSON can carry them: a number that does not exist (NaN, infinite) is null, whatever it is part of. */
export function writtenFigures(figures: object): object {
  return JSON.parse(JSON.stringify(figures)) as object;
}
