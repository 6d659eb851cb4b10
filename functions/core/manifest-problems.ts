import type { JobContract } from '#contracts/kit/job.ts';
import { operationKey } from '#contracts/kit/operation.ts';
import {
  contextsOf,
  eventsEmittedBy,
  eventsOf,
  type JobEntry,
  type Manifest,
  type ManifestEntry,
  useCasesOf,
} from './manifest.ts';

/** What does not fit together among the use cases, each with the names it concerns. */
export type ManifestProblem =
  | { kind: 'event-nobody-consumes'; topic: string }
  | { kind: 'event-nobody-publishes'; topic: string; consumers: string[] }
  | { kind: 'route-declared-twice'; route: string; functions: string[] }
  | { kind: 'call-nobody-answers'; operation: string; callers: string[] }
  | { kind: 'job-nobody-declares'; job: string; starters: string[] }
  | { kind: 'calls-form-a-cycle'; functions: string[] }
  | { kind: 'outbox-not-swept'; context: string }
  | { kind: 'effect-not-swept'; context: string; name: string }
  | { kind: 'timer-not-swept'; context: string; name: string };

/**
 * Everything that compiles and would still fail once deployed. An event nobody consumes may be meant for later; each other
 * problem is a mistake.
 */
export function problemsOf(manifest: Manifest): ManifestProblem[] {
  return [
    ...eventsWithOneSide(manifest),
    ...routesDeclaredTwice(manifest),
    ...callsNobodyAnswers(manifest),
    ...jobsNobodyDeclares(manifest),
    ...callCycles(manifest),
    ...contextsOf(manifest).flatMap((context) => notSwept(manifest, context)),
  ];
}

/** The function behind an operation, or undefined where no context serves it. */
export function functionBehind(manifest: Manifest, operation: string): ManifestEntry | undefined {
  return manifest.functions.find((entry) => routeOf(entry) === operation);
}

/** The functions that `caller` may call, by operation key; those that nobody serves are left out. */
export function functionsCalledBy(manifest: Manifest, caller: ManifestEntry | JobEntry): Record<string, string> {
  const called: Record<string, string> = {};
  for (const operation of caller.declaration.deployment.calls ?? []) {
    const answering = functionBehind(manifest, operationKey(operation));
    if (answering !== undefined) called[operationKey(operation)] = answering.name;
  }
  return called;
}

/** The job that a contract stands for, or undefined where no context declares it. */
export function jobBehind(manifest: Manifest, contract: JobContract): JobEntry | undefined {
  return manifest.jobs.find(({ declaration }) => declaration.contract.name === contract.name);
}

function routeOf({ declaration }: ManifestEntry): string | undefined {
  return declaration.kind === 'http' ? operationKey(declaration.contract) : undefined;
}

function eventsWithOneSide(manifest: Manifest): ManifestProblem[] {
  const published = new Set(
    useCasesOf(manifest)
      .flatMap(eventsEmittedBy)
      .map(({ topic }) => topic),
  );
  return eventsOf(manifest).flatMap(({ topic, ingress }): ManifestProblem[] => {
    const consumers = consumersOf(manifest, topic);
    if (consumers.length === 0) return [{ kind: 'event-nobody-consumes', topic }];
    if (!ingress && !published.has(topic)) return [{ kind: 'event-nobody-publishes', topic, consumers }];
    return [];
  });
}

function consumersOf(manifest: Manifest, topic: string): string[] {
  return manifest.functions
    .filter(({ declaration }) => declaration.kind === 'event' && declaration.contract.topic === topic)
    .map(({ name }) => name);
}

/** Two routes that differ only in the names of their parameters are one to the gateway. */
function routesDeclaredTwice(manifest: Manifest): ManifestProblem[] {
  const byRoute = Map.groupBy(
    manifest.functions.filter((entry) => routeOf(entry) !== undefined),
    (entry) => routeOf(entry)?.replaceAll(/\{\w+\}/g, '{}') ?? '',
  );
  return [...byRoute]
    .filter(([, entries]) => entries.length > 1)
    .map(([route, entries]) => ({ kind: 'route-declared-twice', route, functions: entries.map(({ name }) => name) }));
}

function callsNobodyAnswers(manifest: Manifest): ManifestProblem[] {
  const callers = new Map<string, string[]>();
  for (const { name, declaration } of useCasesOf(manifest)) {
    for (const operation of declaration.deployment.calls ?? []) {
      const key = operationKey(operation);
      if (functionBehind(manifest, key) === undefined) callers.set(key, [...(callers.get(key) ?? []), name]);
    }
  }
  return [...callers].map(([operation, names]) => ({ kind: 'call-nobody-answers', operation, callers: names }));
}

function jobsNobodyDeclares(manifest: Manifest): ManifestProblem[] {
  const starts = useCasesOf(manifest).flatMap(({ name, declaration }) =>
    (declaration.deployment.startsJobs ?? [])
      .filter((contract) => jobBehind(manifest, contract) === undefined)
      .map((contract) => ({ job: contract.name, starter: name })),
  );
  const byJob = Map.groupBy(starts, ({ job }) => job);
  return [...byJob].map(([job, missing]) => ({
    kind: 'job-nobody-declares',
    job,
    starters: missing.map(({ starter }) => starter),
  }));
}

/** Functions that wait for each other hold instances until the last deadline: each cycle is reported once. */
function callCycles(manifest: Manifest): ManifestProblem[] {
  const callees = new Map(
    manifest.functions.map((entry) => [entry.name, Object.values(functionsCalledBy(manifest, entry))]),
  );
  const cycles = new Map<string, string[]>();
  const finished = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const start = path.indexOf(name);
    if (start >= 0) {
      const members = path.slice(start);
      cycles.set(members.toSorted().join(), members);
      return;
    }
    if (finished.has(name)) return;
    for (const callee of callees.get(name) ?? []) visit(callee, [...path, name]);
    finished.add(name);
  };
  for (const { name } of manifest.functions) visit(name, []);
  return [...cycles.values()].map((functions) => ({ kind: 'calls-form-a-cycle', functions }));
}

/** What a crash leaves behind is finished by a schedule of the same context: each needs one that knows its effects and timers. */
function notSwept(manifest: Manifest, context: string): ManifestProblem[] {
  const own = useCasesOf(manifest).filter((entry) => entry.context === context);
  const sweeps = own.filter(({ declaration }) => declaration.kind !== 'job' && declaration.deployment.sweeps === true);
  const swept = (kind: 'effects' | 'timers') => new Set(sweeps.flatMap((entry) => namesOf(entry, kind)));
  const missing = (kind: 'effects' | 'timers') =>
    [...new Set(own.flatMap((entry) => namesOf(entry, kind)))].filter((name) => !swept(kind).has(name));
  const publishes = own.some((entry) => eventsEmittedBy(entry).length > 0);
  return [
    ...(publishes && sweeps.length === 0 ? [{ kind: 'outbox-not-swept' as const, context }] : []),
    ...missing('effects').map((name) => ({ kind: 'effect-not-swept' as const, context, name })),
    ...missing('timers').map((name) => ({ kind: 'timer-not-swept' as const, context, name })),
  ];
}

function namesOf({ declaration: { deployment } }: ManifestEntry | JobEntry, kind: 'effects' | 'timers'): string[] {
  return (deployment[kind] ?? []).map(({ name }) => name);
}
