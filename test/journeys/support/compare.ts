import type { ExecutionContext } from 'ava';
import type { BusinessState } from '../../../emulators/demo/business-state.ts';
import type { Reconciliation } from '../../../emulators/demo/reconcile.ts';

/** The two agree to the last digit; where they do not, the parts that differ are named, with their first difference. */
export function sameBooks(t: ExecutionContext, disturbed: BusinessState, undisturbed: BusinessState): void {
  for (const part of Object.keys(undisturbed) as (keyof BusinessState)[]) {
    const [had, has] = [undisturbed[part], disturbed[part]];
    const at = had.findIndex((row, index) => JSON.stringify(row) !== JSON.stringify(has[index]));
    t.deepEqual({ rows: has.length, first: has[at] }, { rows: had.length, first: had[at] }, `${part}, row ${at}`);
    t.deepEqual(has, had, part);
  }
}

/** Every context's books agree with each other's and with the exchange's, and profit and loss is what the fills say. */
export function addsUp(t: ExecutionContext, reconciliation: Reconciliation): void {
  t.deepEqual(reconciliation, { lost: 0, duplicated: 0, differences: [] });
}
