import type * as z from 'zod';

/** `public`: in the OpenAPI document and behind the gateway. `internal`: called by other functions only. */
export type Audience = 'public' | 'internal';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Who may call: `anyone`, any `authenticated` caller, or the holder of one of these roles. */
export type Access = 'anyone' | 'authenticated' | readonly string[];

/** The contract of one HTTP operation. */
export interface Operation<
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Problem extends string = string,
  Roles extends Access = Access,
> {
  readonly kind: 'operation';
  readonly method: Method;
  /** As `/v1/positions/{id}`: each `{name}` is a field of the input. */
  readonly path: string;
  readonly summary: string;
  readonly audience: Audience;
  readonly roles: Roles;
  readonly input: Input;
  readonly output: Output;
  readonly problems: readonly Problem[];
  /** The field of the output that is its version: answered as an ETag, expected again in If-Match. */
  readonly versionField: string | undefined;
  /** Requests a minute that one user or key may make. */
  readonly quotaPerMinute: number;
  /** The status of success. */
  readonly status: 200 | 201 | 202;
  /** The answer holds what opens doors (tokens, invitation codes): it is kept nowhere, so an Idempotency-Key has no say. */
  readonly secretAnswer: boolean;
  /** Set while a version leaves: sent as Deprecation and Sunset headers. RFC 3339 dates. */
  readonly sunset: { deprecatedAt: string; removedAt: string; successor?: string } | undefined;
}

export type OperationOutput<O> = O extends Operation<z.ZodType, infer Output> ? z.infer<Output> : never;
export type OperationProblem<O> = O extends Operation<z.ZodType, z.ZodType, infer Problem> ? Problem : never;

export const DEFAULT_QUOTA_PER_MINUTE = 600;

/**
 * Declares an HTTP operation. Path parameters and, for GET and DELETE, the query are fields of `input`; for POST and PUT the
 * rest of `input` is the JSON body. `input` is a `z.strictObject`: unknown fields are refused.
 * Throws a TypeError where the path and the input do not fit each other.
 */
export function operation<
  Input extends z.ZodObject,
  Output extends z.ZodType,
  const Roles extends Access,
  const Problem extends string = never,
>(declaration: {
  method: Method;
  path: string;
  summary: string;
  audience: Audience;
  roles: Roles;
  input: Input;
  output: Output;
  problems?: readonly Problem[];
  versionField?: string;
  quotaPerMinute?: number;
  status?: 200 | 201 | 202;
  secretAnswer?: boolean;
  sunset?: { deprecatedAt: string; removedAt: string; successor?: string };
}): Operation<Input, Output, Problem, Roles> {
  const { method, path, audience, input } = declaration;
  const prefix = audience === 'public' ? '/v1/' : '/internal/';
  if (!path.startsWith(prefix)) throw new TypeError(`${method} ${path}: ${audience} paths start with ${prefix}`);
  for (const name of pathParameters(path)) {
    if (!(name in input.shape)) throw new TypeError(`${method} ${path}: {${name}} is not a field of the input`);
  }
  return Object.freeze({
    kind: 'operation',
    method,
    path,
    summary: declaration.summary,
    audience,
    roles: declaration.roles,
    input,
    output: declaration.output,
    problems: declaration.problems ?? [],
    versionField: declaration.versionField,
    quotaPerMinute: declaration.quotaPerMinute ?? DEFAULT_QUOTA_PER_MINUTE,
    status: declaration.status ?? 200,
    secretAnswer: declaration.secretAnswer ?? false,
    sunset: declaration.sunset,
  });
}

/** The names between braces in a path. */
export function pathParameters(path: string): string[] {
  return Array.from(path.matchAll(/\{(\w+)\}/g), (match) => match[1] ?? '');
}

/** What tells operations apart: method and path. */
export function operationKey(contract: Pick<Operation, 'method' | 'path'>): string {
  return `${contract.method} ${contract.path}`;
}

/** Whether the input's fields, path parameters aside, travel as a JSON body. */
export function hasBody(method: Method): boolean {
  return method === 'POST' || method === 'PUT';
}
