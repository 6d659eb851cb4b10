import type { ExecutionContext } from 'ava';
import { addFault, clearFaults, listFaults } from '../../../emulators/faults/faults.ts';

/** Arms a fault in this process until the test is over. */
export function arm(t: ExecutionContext, rule: object): void {
  t.teardown(clearFaults);
  addFault(rule);
}

/** How many requests the armed faults have struck so far. */
export function struck(): number {
  return listFaults().reduce((sum, fault) => sum + fault.struck, 0);
}
