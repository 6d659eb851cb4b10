import { type Limits, raised, sameLimits } from './limits.ts';
import { inMode, type Mode, type Policy, resumed, withLimits } from './policy.ts';

/** How long a request waits for its second person. */
const CHANGE_LAPSES_AFTER_MINUTES = 15;

export type Target = { kind: 'mode'; mode: string } | { kind: 'limits'; limits: Limits } | { kind: 'resume' };

export interface ChangeRequest {
  id: string;
  target: Target;
  /** What the policy was when it was asked for: confirming it on another one would agree to something else. */
  policyVersion: number;
  haltEpoch: number;
  requestedBy: string;
  requestedAt: Date;
  expiresAt: Date;
  status: 'pending' | 'confirmed' | 'lapsed';
}

/** Who asks. Only people make and check: a key of one's own would be a second person for the asking. */
export interface Requester {
  id: string;
  kind: 'user' | 'api-key' | 'function';
}

export type Refusal<R extends string> = { kind: 'refused'; reason: R; detail: string };
type Applied = { kind: 'applied'; policy: Policy };
type Requested = { kind: 'requested'; request: ChangeRequest };
type Unchanged = { kind: 'unchanged' };

/** A mode that takes on more risk waits for a second person; any other holds at once. */
export function askForMode(
  policy: Policy,
  mode: Mode | undefined,
  by: Requester,
  at: Date,
  id: string,
): Applied | Requested | Unchanged | Refusal<'unknown-mode' | 'person-required'> {
  if (by.kind !== 'user') return personRequired();
  if (mode === undefined) return refused('unknown-mode', 'there is no such mode today');
  if (mode.mode === policy.mode) return { kind: 'unchanged' };
  if (mode.needsSecondPerson) return requested(policy, { kind: 'mode', mode: mode.mode }, by, at, id);
  return { kind: 'applied', policy: inMode(policy, mode.mode, { by: by.id, at }) };
}

/** Limits that are all lowered or kept hold at once; raising any one of them makes the whole change wait. */
export function askForLimits(
  policy: Policy,
  limits: Limits,
  by: Requester,
  at: Date,
  id: string,
): Applied | Requested | Unchanged | Refusal<'person-required'> {
  if (by.kind !== 'user') return personRequired();
  if (sameLimits(policy.limits, limits)) return { kind: 'unchanged' };
  if (raised(policy.limits, limits).length > 0) return requested(policy, { kind: 'limits', limits }, by, at, id);
  return { kind: 'applied', policy: withLimits(policy, limits, { by: by.id, at }) };
}

/** The first person's call asks, a second person's confirms. A request from an earlier halt, or too old, is no request. */
export function askToResume(
  policy: Policy,
  pending: ChangeRequest | undefined,
  by: Requester,
  at: Date,
  id: string,
):
  | (Applied & { request: ChangeRequest })
  | Requested
  | Refusal<'not-stopped' | 'second-person-required' | 'person-required'> {
  if (by.kind !== 'user') return personRequired();
  if (policy.tradingState === 'RUNNING') return refused('not-stopped', 'trading is running');
  if (pending === undefined || hasLapsed(pending, at) || pending.haltEpoch !== policy.haltEpoch) {
    return requested(policy, { kind: 'resume' }, by, at, id);
  }
  if (pending.requestedBy === by.id) return secondPersonRequired();
  return { kind: 'applied', policy: resumed(policy, { by: by.id, at }), request: { ...pending, status: 'confirmed' } };
}

/** Applies the mode or the limits that somebody else asked for. `mode` is the row of a requested mode as of today. */
export function confirm(
  policy: Policy,
  request: ChangeRequest & { target: Exclude<Target, { kind: 'resume' }> },
  mode: Mode | undefined,
  by: Requester,
  at: Date,
):
  | Applied
  | Refusal<
      | 'person-required'
      | 'second-person-required'
      | 'change-lapsed'
      | 'change-settled'
      | 'change-outdated'
      | 'unknown-mode'
    > {
  if (by.kind !== 'user') return personRequired();
  if (request.status === 'confirmed') return refused('change-settled', 'it has been confirmed already');
  if (hasLapsed(request, at)) return refused('change-lapsed', 'nobody confirmed it in time: ask again');
  if (request.requestedBy === by.id) return secondPersonRequired();
  const { target } = request;
  const change = { by: by.id, at };
  if (request.policyVersion !== policy.version) return outdated();
  if (target.kind === 'limits') return { kind: 'applied', policy: withLimits(policy, target.limits, change) };
  if (mode === undefined) return refused('unknown-mode', 'there is no such mode today');
  return { kind: 'applied', policy: inMode(policy, target.mode, change) };
}

function hasLapsed(request: ChangeRequest, at: Date): boolean {
  return request.status === 'lapsed' || at.getTime() >= request.expiresAt.getTime();
}

function requested(policy: Policy, target: Target, by: Requester, at: Date, id: string): Requested {
  const expiresAt = new Date(at.getTime() + CHANGE_LAPSES_AFTER_MINUTES * 60_000);
  const { version: policyVersion, haltEpoch } = policy;
  return {
    kind: 'requested',
    request: {
      id,
      target,
      policyVersion,
      haltEpoch,
      requestedBy: by.id,
      requestedAt: at,
      expiresAt,
      status: 'pending',
    },
  };
}

function refused<R extends string>(reason: R, detail: string): Refusal<R> {
  return { kind: 'refused', reason, detail };
}

function personRequired(): Refusal<'person-required'> {
  return refused('person-required', 'only a person may ask for it or confirm it, not a key');
}

function secondPersonRequired(): Refusal<'second-person-required'> {
  return refused('second-person-required', 'whoever asks may not confirm: a second person has to');
}

function outdated(): Refusal<'change-outdated'> {
  return refused('change-outdated', 'the policy has changed since it was asked for: ask again');
}
