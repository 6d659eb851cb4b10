import type * as z from 'zod';

/** `tenant`: belongs to one organisation. `global`: belongs to none (prices, models); its handlers touch only global tables. */
export type EventScope = 'tenant' | 'global';

/** The contract of one version of one kind of event. Its topic is `type.vN`. */
export interface Event<
  Data extends z.ZodObject = z.ZodObject,
  Type extends string = string,
  Scope extends EventScope = EventScope,
> {
  readonly kind: 'event';
  readonly type: Type;
  readonly version: number;
  readonly scope: Scope;
  readonly summary: string;
  /** The field whose value names the aggregate: events of one value are delivered in order. Absent: unordered. */
  readonly orderBy: (keyof z.infer<Data> & string) | undefined;
  readonly data: Data;
  /** Published from outside the platform: prices, weighbridges, banks. */
  readonly ingress: boolean;
  readonly topic: string;
}

export type EventData<E> = E extends Event<infer Data> ? z.infer<Data> : never;

/**
 * Declares an event. `data` is a `z.object`, so that readers ignore fields they do not know.
 * Throws a TypeError on a name that Pub/Sub or the AsyncAPI document could not carry.
 */
export function event<
  Data extends z.ZodObject,
  const Type extends string,
  const Scope extends EventScope,
>(declaration: {
  type: Type;
  version: number;
  scope: Scope;
  summary: string;
  orderBy?: keyof z.infer<Data> & string;
  ingress?: boolean;
  data: Data;
}): Event<Data, Type, Scope> {
  const { type, version, scope, summary, data, orderBy, ingress = false } = declaration;
  if (!/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/.test(type)) throw new TypeError(`not an event type: ${type}`);
  if (!Number.isInteger(version) || version < 1) throw new TypeError(`${type}: version must be 1 or more`);
  return Object.freeze({
    kind: 'event',
    type,
    version,
    scope,
    summary,
    orderBy,
    data,
    ingress,
    topic: `${type}.v${version}`,
  });
}

/** The Pub/Sub ordering key of an event, or undefined for an unordered one. At most 1,024 bytes, as Pub/Sub has it. */
export function orderingKey(
  contract: Event,
  data: Record<string, unknown>,
  tenant: string | undefined,
): string | undefined {
  if (contract.orderBy === undefined) return undefined;
  const aggregate = String(data[contract.orderBy]);
  return tenant === undefined ? aggregate : `${tenant}:${aggregate}`;
}
