import { type Condition, now } from './resources.ts';

/** A resource that Cloud Run is still working on. */
export const reconciling = (type: string): Condition => ({
  type,
  state: 'CONDITION_RECONCILING',
  lastTransitionTime: now(),
});

export const succeeded = (type: string): Condition => ({
  type,
  state: 'CONDITION_SUCCEEDED',
  lastTransitionTime: now(),
});

/** With why: a reason of all resources, or one of executions. */
export const failed = (
  type: string,
  message: string,
  why: Pick<Condition, 'reason' | 'executionReason'> = {},
): Condition => ({ type, state: 'CONDITION_FAILED', message, lastTransitionTime: now(), ...why });

/** What an execution reads before its first task starts. */
export const freshConditions = (): Condition[] => [
  reconciling('Completed'),
  reconciling('Started'),
  succeeded('ResourcesAvailable'),
];

/** The conditions with this one in place of the one of its type. */
export const withCondition = (conditions: readonly Condition[], condition: Condition): Condition[] => [
  condition,
  ...conditions.filter(({ type }) => type !== condition.type),
];
