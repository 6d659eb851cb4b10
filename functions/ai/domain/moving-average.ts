/**
 * The weight a new observation gets in an exponentially weighted average that is as slow as a plain one over `span` bars:
 * 2 / (span + 1), which gives both the same centre of mass.
 */
export function weightOfSpan(span: number): number {
  return 2 / (span + 1);
}

/** One step of an exponentially weighted average. */
export function towards(average: number, observation: number, weight: number): number {
  return average + weight * (observation - average);
}
