/** What `--json` prints, by key; null for what was not measured. */
export interface BenchReport {
  tickToOrderP50Ms: number | null;
  tickToOrderP99Ms: number | null;
  lifecyclesPerSecond: number | null;
  pubsubMessagesPerSecond: number | null;
  pubsubP50Ms: number | null;
  pubsubP99Ms: number | null;
  pubsubVsRedis: number | null;
  pubsubServerMessagesPerSecond: number | null;
  pubsubServerCpuUsPerMessage: number | null;
  firestoreWritesPerSecond: number | null;
  firestoreReadsPerSecond: number | null;
  firestoreIndexedQueryMs: number | null;
  storageUploadMbPerSecond: number | null;
  gatewayP95Ms: number | null;
  policyReadMs: number | null;
  policyWriteMs: number | null;
  coldStartP50Ms: number | null;
  largestBundleMb: number | null;
  secondStartSeconds: number | null;
}

export const NOTHING_MEASURED: BenchReport = {
  tickToOrderP50Ms: null,
  tickToOrderP99Ms: null,
  lifecyclesPerSecond: null,
  pubsubMessagesPerSecond: null,
  pubsubP50Ms: null,
  pubsubP99Ms: null,
  pubsubVsRedis: null,
  pubsubServerMessagesPerSecond: null,
  pubsubServerCpuUsPerMessage: null,
  firestoreWritesPerSecond: null,
  firestoreReadsPerSecond: null,
  firestoreIndexedQueryMs: null,
  storageUploadMbPerSecond: null,
  gatewayP95Ms: null,
  policyReadMs: null,
  policyWriteMs: null,
  coldStartP50Ms: null,
  largestBundleMb: null,
  secondStartSeconds: null,
};

/** Of several measurements of one thing. */
export interface Spread {
  median: number;
  least: number;
  most: number;
  /** How many measurements. */
  count: number;
}

export interface Figure {
  name: string;
  unit: string;
  spread: Spread;
  target?: { atLeast: number } | { atMost: number };
  /** Under which key `--json` has the median. */
  key?: keyof BenchReport;
  /** Exactly what was measured. */
  measured: string;
}

/** One thing that `npm run bench` measures, in a file of its own. */
export interface Measurement {
  /** As `--only` takes it. */
  name: string;
  /** Says on one line at a time how far it is. Figures come back in the order they are printed in. */
  measure(say: (line: string) => void): Promise<Figure[]>;
}

/** Throws where there is nothing to spread. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((left, right) => left - right);
  const least = sorted[0];
  const most = sorted.at(-1);
  if (least === undefined || most === undefined) throw new RangeError('nothing was measured');
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? least) + (sorted[Math.floor(middle)] ?? most)) / 2;
  return { median, least, most, count: sorted.length };
}

export function isMet({ spread, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atLeast' in target ? spread.median >= target.atLeast : spread.median <= target.atMost;
}
