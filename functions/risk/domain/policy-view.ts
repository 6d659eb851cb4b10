import { canonical } from '#contracts/kit/decimal.ts';
import type { PolicySnapshot } from '#contracts/kit/policy.ts';
import { effectiveLimits } from './limits.ts';
import type { ChangeRequest } from './maker-checker.ts';
import type { Mode, Policy } from './policy.ts';

/** The policy as every function reads it. */
export function snapshotOf(policy: Policy, mode: Mode): PolicySnapshot {
  return {
    version: policy.version,
    mode: policy.mode,
    tradingState: policy.tradingState,
    haltEpoch: policy.haltEpoch,
    sizeMultiplier: canonical(mode.sizeMultiplier),
    minimumConfidence: canonical(mode.minimumConfidence),
  };
}

/** The policy as its people see it, with what waits for a second one of them. */
export function policyView(policy: Policy, mode: Mode, pending: readonly ChangeRequest[]) {
  return {
    ...snapshotOf(policy, mode),
    drawdown: canonical(policy.drawdown),
    changedBy: policy.changedBy,
    changedAt: policy.changedAt.toISOString(),
    pendingChanges: pending.map(pendingView),
  };
}

export function limitsView(policy: Policy, mode: Mode, pending: readonly ChangeRequest[]) {
  return {
    version: policy.version,
    limits: policy.limits,
    effective: effectiveLimits(policy.limits, mode.limits),
    pendingChanges: pending.map(pendingView),
  };
}

function pendingView({ id, target, requestedBy, requestedAt, expiresAt }: ChangeRequest) {
  const asked = { requestedBy, requestedAt: requestedAt.toISOString(), expiresAt: expiresAt.toISOString() };
  switch (target.kind) {
    case 'mode':
      return { id, kind: target.kind, mode: target.mode, ...asked };
    case 'limits':
      return { id, kind: target.kind, limits: target.limits, ...asked };
    case 'resume':
      return { id, kind: target.kind, ...asked };
  }
}
