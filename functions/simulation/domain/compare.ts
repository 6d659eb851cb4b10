/** A figure of a run, and how uncertain it is. */
export interface Estimate {
  statistic: string;
  value: number;
  standardError: number;
}

export interface Difference {
  statistic: string;
  baseline: number;
  value: number;
  difference: number;
  standardError: number;
  significant: boolean;
}

/** Normal quantile at 97.5 %: a difference beyond so many standard errors is called significant. */
const CRITICAL = 1.959963984540054;

/**
 * The figures that both runs have, compared. The runs' paths count as independent: with common random numbers a difference is more
 * certain than is said here, never less, as long as the outputs move together.
 */
export function differences(baseline: readonly Estimate[], other: readonly Estimate[]): Difference[] {
  return baseline.flatMap(({ statistic, value: before, standardError: errorBefore }) => {
    const found = other.find((estimate) => estimate.statistic === statistic);
    if (found === undefined) return [];
    const difference = found.value - before;
    const standardError = Math.hypot(errorBefore, found.standardError);
    const significant = Math.abs(difference) > CRITICAL * standardError;
    return [{ statistic, baseline: before, value: found.value, difference, standardError, significant }];
  });
}

/** The settings that are not the same in all runs, as text; what is not set is an empty text. */
export function differingSettings(
  settings: readonly Readonly<Record<string, unknown>>[],
): { setting: string; values: string[] }[] {
  const names = [...new Set(settings.flatMap((each) => Object.keys(each)))].sort();
  return names.flatMap((setting) => {
    const values = settings.map((each) => textOf(each[setting]));
    return values.every((value) => value === values[0]) ? [] : [{ setting, values }];
  });
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
