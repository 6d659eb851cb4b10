import { byName } from './order.ts';
import type { BackendAddress, ServedOperation } from './served-operation.ts';

/**
 * API Gateway counts callers without a Google API key as one, so its limits only fend off floods: room for so many callers at
 * their full quota. Each caller's own quota is core's to count.
 */
const CALLERS_AT_FULL_QUOTA = 100;

/** The root extension: a backend for each function, and a metric with its limit for each operation. */
export function gatewayManagement(
  operations: readonly ServedOperation[],
  backends: Readonly<Record<string, BackendAddress>>,
): Record<string, unknown> {
  const each = <Value>(entry: (operation: ServedOperation) => [string, Value]) =>
    byName(Object.fromEntries(operations.map(entry)));
  return {
    backends: each(({ functionName }) => [functionName, backendObject(functionName, backends[functionName])]),
    metrics: each((operation) => [metricOf(operation), { displayName: operation.contract.summary }]),
    quota: {
      limits: each((operation) => [
        `${metricOf(operation)}-a-minute`,
        { metric: metricOf(operation), values: operation.contract.quotaPerMinute * CALLERS_AT_FULL_QUOTA },
      ]),
    },
  };
}

/** What one request costs. */
export function quotaOf(operation: ServedOperation): Record<string, unknown> {
  return { metricCosts: { [metricOf(operation)]: 1 } };
}

function metricOf({ functionName }: ServedOperation): string {
  return `${functionName}-requests`;
}

function backendObject(functionName: string, backend: BackendAddress | undefined): Record<string, unknown> {
  if (backend === undefined) throw new TypeError(`no backend is given for ${functionName}`);
  const { address, deadlineSeconds } = backend;
  return {
    address,
    jwtAudience: address,
    deadline: deadlineSeconds,
    pathTranslation: 'APPEND_PATH_TO_ADDRESS',
  };
}
