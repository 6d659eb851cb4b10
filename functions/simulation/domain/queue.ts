import { shareOf } from './plans.ts';

/** A run that waits for its turn. */
export interface Waiting {
  id: string;
  tenant: string;
  plan: string;
  /** Seconds that one worker is expected to take. */
  workSeconds: number;
  queuedAt: Date;
}

/** A run whose turn it is. */
export interface Admitted extends Waiting {
  admittedAt: Date;
}

/** Whoever has waited so long goes first, whatever the plan: nobody waits for ever. */
export const OVERDUE_SECONDS = 600;

/**
 * The runs that begin now, in order. Each place goes to the plan with the least running work for its weight, within it to the tenant
 * with the least running work, and there to the run that waited longest; a tenant at its plan's limit is passed over. A run that has
 * waited for OVERDUE_SECONDS goes before all that.
 */
export function admissions(
  waiting: readonly Waiting[],
  running: readonly Admitted[],
  capacity: number,
  now: Date,
): Waiting[] {
  const chosen: Waiting[] = [];
  const busy: Waiting[] = [...running];
  let left = waiting.toSorted(byAge);
  while (busy.length < capacity) {
    const next = nextOf(left, busy, now);
    if (next === undefined) break;
    chosen.push(next);
    busy.push(next);
    left = left.filter((each) => each !== next);
  }
  return chosen;
}

function nextOf(waiting: readonly Waiting[], busy: readonly Waiting[], now: Date): Waiting | undefined {
  const runsOf = countsBy(
    busy,
    ({ tenant }) => tenant,
    () => 1,
  );
  const ready = waiting.filter(({ tenant, plan }) => (runsOf.get(tenant) ?? 0) < shareOf(plan).runsAtOnce);
  const overdue = ready.find(({ queuedAt }) => now.getTime() - queuedAt.getTime() >= OVERDUE_SECONDS * 1_000);
  if (overdue !== undefined) return overdue;
  const workOfPlan = countsBy(busy, ({ plan }) => plan, workSeconds);
  const workOfTenant = countsBy(busy, ({ tenant }) => tenant, workSeconds);
  const load = ({ plan }: Waiting) => (workOfPlan.get(plan) ?? 0) / shareOf(plan).weight;
  const [first] = ready.toSorted(
    (a, b) =>
      load(a) - load(b) ||
      shareOf(b.plan).weight - shareOf(a.plan).weight ||
      (workOfTenant.get(a.tenant) ?? 0) - (workOfTenant.get(b.tenant) ?? 0) ||
      byAge(a, b),
  );
  return first;
}

/** Where a waiting run stands. */
export interface Place {
  id: string;
  /** From 1: how many begin before it, and itself. */
  position: number;
  startsAt: Date;
}

/**
 * When each waiting run is expected to begin: the queue played forward, each run taking its work divided by `workers`. Runs that come
 * later are not foreseen.
 */
export function forecast(
  waiting: readonly Waiting[],
  running: readonly Admitted[],
  capacity: number,
  workers: number,
  now: Date,
): Place[] {
  const places: Place[] = [];
  let left = [...waiting];
  let busy: Admitted[] = [...running];
  let time = now;
  while (left.length > 0) {
    const admitted = admissions(left, busy, capacity, time);
    for (const run of admitted) {
      places.push({ id: run.id, position: places.length + 1, startsAt: time });
      busy.push({ ...run, admittedAt: time });
    }
    const begun = new Set(admitted.map(({ id }) => id));
    left = left.filter(({ id }) => !begun.has(id));
    const [first] = busy.toSorted((a, b) => endOf(a, workers) - endOf(b, workers));
    if (first === undefined) break;
    busy = busy.filter((each) => each !== first);
    time = new Date(Math.max(time.getTime(), endOf(first, workers)));
  }
  return places;
}

function endOf({ admittedAt, workSeconds: seconds }: Admitted, workers: number): number {
  return admittedAt.getTime() + (seconds * 1_000) / workers;
}

function byAge(a: Waiting, b: Waiting): number {
  return a.queuedAt.getTime() - b.queuedAt.getTime() || (a.id < b.id ? -1 : 1);
}

/** A run without any expected work still takes its place. */
function workSeconds({ workSeconds: seconds }: Waiting): number {
  return Math.max(seconds, 0.001);
}

function countsBy(
  runs: readonly Waiting[],
  keyOf: (run: Waiting) => string,
  amount: (run: Waiting) => number,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const run of runs) counts.set(keyOf(run), (counts.get(keyOf(run)) ?? 0) + amount(run));
  return counts;
}
