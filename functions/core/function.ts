import type * as z from 'zod';
import type { Event, EventData, EventScope } from '#contracts/kit/event.ts';
import type { JobContract } from '#contracts/kit/job.ts';
import type { Access, Operation } from '#contracts/kit/operation.ts';
import type { Caller } from './auth.ts';
import type { CallResult } from './call.ts';
import type { Transaction } from './database.ts';
import type { Deployment, JobDeployment, Permissions } from './deployment.ts';
import type { Effect } from './effect.ts';
import type { InvokeAnswer, InvokeRequest } from './invoke.ts';
import type { Logger } from './logger.ts';
import type { CachedPolicy } from './policy.ts';
import type { Timer } from './timer.ts';

type Emitted<D extends Permissions> = D extends { emits: readonly (infer E)[] } ? E : never;
type Called<D extends Permissions> = D extends { calls: readonly (infer O)[] } ? O : never;
type Intended<D extends Permissions> = D extends { effects: readonly (infer F)[] } ? F : never;
type TimersOf<D extends Permissions> = D extends { timers: readonly (infer T)[] } ? T : never;

/** What every handler is given: nothing in it reads a clock, an environment or a random source of its own. */
export interface HandlerContext<Tenant extends string | undefined> {
  /** The organisation this happens for; undefined for global events and for callers that have none yet. */
  tenant: Tenant;
  /** The time of the cause: an event's `ce-time`, a schedule's time, a request's arrival. */
  now: Date;
  /** A UUID derived from the cause, the function and how many were asked for before: a redelivery gets the same ones. */
  newId(): string;
  /** A number in [0, 1) from a generator seeded by the cause. */
  random(): number;
  /** The id of the event or request that caused this. */
  cause: string;
  log: Logger;
  /** The tenant's policy from memory, at most five seconds old. */
  policy: (tenant: string) => CachedPolicy | Promise<CachedPolicy>;
  config: (name: string) => string;
}

/**
 * Puts an event in the outbox, in this transaction. The tenant is the handler's own; a handler without one names it when the
 * event's scope asks for it. Throws where the payload does not fit the contract.
 */
export type Publish<D extends Permissions> = <E extends Emitted<D>>(
  event: E,
  data: EventData<E>,
  options?: { tenant?: string },
) => void;

/** Everything in here commits or rolls back together with the inbox row and the outbox rows. */
export interface TransactionContext<
  D extends Permissions = Permissions,
  Tenant extends string | undefined = string | undefined,
> extends HandlerContext<Tenant> {
  tx: Transaction;
  publish: Publish<D>;
  /** Commits the intent of an outside effect, acted on after commit. `clientId` must be derived from the cause, as `newId()` is. */
  intend<F extends Intended<D>>(
    effect: F,
    clientId: string,
    request: F extends Effect<infer R> ? z.infer<R> : never,
  ): void;
  /** Sets, moves or (with `due: null`) clears the durable timer of that key. */
  setTimer<T extends TimersOf<D>>(
    timer: T,
    key: string,
    due: Date | null,
    data?: T extends Timer<infer P> ? z.infer<P> : never,
  ): void;
}

/** For handlers that call other functions: no transaction is open unless they open one. */
export interface OpenContext<
  D extends Permissions = Permissions,
  Tenant extends string | undefined = string | undefined,
> extends HandlerContext<Tenant> {
  /** Runs `work` in a transaction. A handler may open several; each commits by itself, and its events are sent before it returns. */
  transaction<T>(work: (context: TransactionContext<D, Tenant>) => Promise<T>): Promise<T>;
  /** Calls another function through its contract: identity token, deadline, trace, retries and circuit breaker included. */
  call<O extends Called<D>>(
    contract: O,
    input: O extends Operation<infer I> ? z.input<I> : never,
    options?: { deadlineMs?: number; idempotencyKey?: string },
  ): Promise<CallResult<O>>;
}

/** For the operator's functions alone: any function may be called by its name, as Pub/Sub or a health check would. */
export interface PlatformContext<
  D extends Deployment = Deployment,
  Tenant extends string | undefined = string | undefined,
> extends OpenContext<D, Tenant> {
  /** The address of every function there is, by name. */
  functions: Readonly<Record<string, string>>;
  /** One HTTP request to a function, with an identity token and a deadline. Nothing is retried. */
  invoke(name: string, path: string, request?: InvokeRequest): Promise<InvokeAnswer>;
}

/** A sweep has one thing to do. */
export interface SweepContext extends HandlerContext<undefined> {
  sweep(): Promise<void>;
}

/** A handler that declares `calls` gets no open transaction, so that none is held while another function answers. */
type ContextOf<D extends Deployment, Tenant extends string | undefined> = D extends { sweeps: true }
  ? SweepContext
  : D extends { operatesPlatform: true }
    ? PlatformContext<D, Tenant>
    : D extends { calls: readonly Operation[] }
      ? OpenContext<D, Tenant>
      : TransactionContext<D, Tenant>;

export interface HttpRequestContext<R extends Access> {
  caller: R extends 'anyone' ? Caller | undefined : Caller;
  /** The version in If-Match, without quotes. */
  ifMatch: string | undefined;
  /** The Idempotency-Key, where one was sent. */
  idempotencyKey: string | undefined;
  /** Names and values of the request's headers, in lower case. */
  header: (name: string) => string | undefined;
}

type TenantOfAccess<R extends Access> = R extends 'anyone' ? string | undefined : string;
type TenantOfScope<S extends EventScope> = S extends 'tenant' ? string : undefined;

export interface HttpFunction {
  kind: 'http';
  contract: Operation;
  deployment: Deployment;
  handle: (input: never, context: never) => Promise<unknown>;
}

/** What happens to later events of a key when one of its events is parked. */
export type OnPoison = 'park-key' | 'skip';

export interface EventFunction {
  kind: 'event';
  contract: Event;
  deployment: Deployment & { onPoison?: OnPoison };
  handle: (data: never, context: never) => Promise<unknown>;
}

export interface Schedule {
  kind: 'schedule';
  /** Unix cron, five fields, UTC. */
  cron: string;
  summary: string;
}

export interface ScheduleFunction {
  kind: 'schedule';
  contract: Schedule;
  deployment: Deployment;
  handle: (input: never, context: never) => Promise<unknown>;
}

export type Declaration = HttpFunction | EventFunction | ScheduleFunction;

export interface JobDeclaration {
  kind: 'job';
  contract: JobContract;
  deployment: JobDeployment;
  handle: (input: never, context: never) => Promise<void>;
}

/** What a job's handler is given. The cause is the client id of the effect that started it: another attempt gets the same ids. */
export interface JobContext<D extends JobDeployment = JobDeployment> extends OpenContext<D> {
  /** Aborted when the execution is cancelled or out of time: ten seconds are left. */
  stopping: AbortSignal;
}

/** What the envelope tells a handler beside the payload. */
export interface Delivery {
  eventId: string;
  /** The publisher's clock, RFC 3339. */
  publishedAt: string;
  sequence: number | undefined;
  /** The unmoved wall clock: for measuring latency, never for deciding. */
  receivedAt: Date;
}

/** Declares a use case behind HTTP. Importing the file that holds it opens no connection and reads no environment. */
export function httpFunction<
  I extends z.ZodType,
  O extends z.ZodType,
  P extends string,
  const R extends Access,
  const D extends Deployment,
  const A extends NoInfer<z.infer<O> | { problem: P; detail: string }>,
>(
  contract: Operation<I, O, P, R>,
  deployment: D,
  handle: (input: z.infer<I>, context: ContextOf<D, TenantOfAccess<R>> & HttpRequestContext<R>) => Promise<A>,
): HttpFunction {
  return declared({ kind: 'http', contract, deployment, handle });
}

/** Declares a use case triggered by an event: its effect happens once, however often the event is delivered. */
export function eventFunction<E extends Event, const D extends Deployment & { onPoison: OnPoison }>(
  contract: E,
  deployment: D,
  handle: (data: EventData<E>, context: ContextOf<D, TenantOfScope<E['scope']>> & Delivery) => Promise<void>,
): EventFunction {
  return declared({ kind: 'event', contract, deployment, handle });
}

/** Declares a use case that Cloud Scheduler triggers. It has no tenant: what concerns tenants it fans out as events. */
export function scheduleFunction<const D extends Deployment>(
  contract: { cron: string; summary: string },
  deployment: D,
  handle: (input: { scheduledAt: Date }, context: ContextOf<D, undefined>) => Promise<void>,
): ScheduleFunction {
  return declared({ kind: 'schedule', contract: { kind: 'schedule', ...contract }, deployment, handle });
}

/** Declares work that runs as a process of its own: it ends well when the handler does, and another attempt follows an error. */
export function job<I extends z.ZodType, const D extends JobDeployment>(
  contract: JobContract<I>,
  deployment: D,
  handle: (input: z.infer<I>, context: JobContext<D>) => Promise<void>,
): JobDeclaration {
  const { cpu, memory, gpu, timeoutSeconds = 600, maxRetries = 3 } = deployment;
  if (gpu !== undefined && (cpu === undefined || cpu < 4)) throw new RangeError('a GPU takes at least 4 CPU');
  if (gpu !== undefined && memory !== '16GiB' && memory !== '32GiB')
    throw new RangeError('a GPU takes at least 16 GiB');
  const longestSeconds = gpu === undefined ? 168 * 3_600 : 3_600;
  if (timeoutSeconds < 1 || timeoutSeconds > longestSeconds)
    throw new RangeError(`timeoutSeconds of such a job is between 1 and ${longestSeconds}`);
  if (maxRetries < 0 || maxRetries > 10) throw new RangeError('maxRetries is between 0 and 10');
  return Object.freeze({ kind: 'job', contract, deployment, handle }) as JobDeclaration;
}

/** Cloud Run's limits, checked where they are declared: https://cloud.google.com/run/quotas */
function declared<T extends Declaration>(declaration: {
  kind: T['kind'];
  contract: T['contract'];
  deployment: Deployment;
  handle: unknown;
}): T {
  const { cpu = 1, concurrency = 1, timeoutSeconds = 60, memory = '512MiB' } = declaration.deployment;
  if (cpu < 1 && concurrency > 1) throw new RangeError('below 1 CPU, concurrency must be 1');
  if (concurrency < 1 || concurrency > 1000) throw new RangeError('concurrency is between 1 and 1,000');
  if (timeoutSeconds < 1 || timeoutSeconds > 3600) throw new RangeError('timeoutSeconds is between 1 and 3,600');
  if (declaration.kind === 'event' && timeoutSeconds > 600)
    throw new RangeError('a push is answered within 600 s, the longest ack deadline');
  if (cpu >= 4 && memory !== '2GiB' && memory !== '4GiB') throw new RangeError('4 CPU need at least 2 GiB');
  if (declaration.deployment.takesObjectsOf !== undefined && !isInternal(declaration.contract))
    throw new TypeError('a function that takes objects is behind an internal operation');
  return Object.freeze(declaration) as T;
}

function isInternal(contract: Declaration['contract']): boolean {
  return contract.kind === 'operation' && contract.audience === 'internal';
}

/** Whether the handler opens its own transactions, because it talks to other functions. */
export function isOpen(deployment: Pick<Deployment, 'calls' | 'operatesPlatform'>): boolean {
  return deployment.calls !== undefined || deployment.operatesPlatform === true;
}
