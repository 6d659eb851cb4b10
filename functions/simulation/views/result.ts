import type { Run } from '../domain/run.ts';
import type { PreparedRun } from '../engine/request/prepare.ts';
import { engineVersion } from '../engine/version.ts';
import type { ParsedWorkbook } from '../store/workbooks.ts';
import type { SettledRequest } from '../working/run-request.ts';
import type { MergeOutcome } from '../working/task.ts';

/** A completed run's result with all that is needed to run it again identically, as it is stored and answered. */
export function resultOf(
  run: Run,
  request: SettledRequest,
  workbook: ParsedWorkbook | undefined,
  prepared: PreparedRun,
  outcome: MergeOutcome & { kind: 'finished' },
): object {
  const { copula } = request;
  const withoutGpu = run.gpuFallback === undefined ? [] : [`It was run without a GPU: ${run.gpuFallback}.`];
  return {
    simulationId: run.id,
    workbook: { workbookId: run.workbookId, name: workbook?.name ?? '', sha256: workbook?.sha256 ?? '' },
    dataSnapshot: prepared.dataSnapshot,
    engineVersion,
    backend: run.backend ?? '',
    mode: request.mode,
    sampling: request.sampling,
    seed: request.seed,
    asOf: request.asOf,
    copula: copula.kind === 't' ? `t with ${copula.freedom} degrees of freedom` : copula.kind,
    correlations: prepared.correlations,
    correlationsRepaired: prepared.correlationsRepaired,
    paths: outcome.paths,
    stopped: outcome.stopped,
    warnings: [...withoutGpu, ...prepared.warnings, ...errorWarnings(outcome)],
    digest: outcome.digest,
    outputs: outcome.outputs,
  };
}

function errorWarnings({ errors, kinds }: MergeOutcome & { kind: 'finished' }): string[] {
  return errors.flatMap(({ cell, errors: failing, paths }, output) => {
    if (failing === 0) return [];
    const which = Object.keys(kinds?.[output]?.kinds ?? {}).join(', ');
    const named = which === '' ? '' : ` (${which})`;
    return [`${cell} is an error${named} on ${failing} of ${paths} paths; they are in no other figure.`];
  });
}
