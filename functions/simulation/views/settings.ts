import type * as z from 'zod';
import type { getSimulationResults } from '#contracts/simulation/api.ts';
import { readRequest } from '../working/run-request.ts';

/** All that a result depends on, by name; each input's distribution by its cell. */
export function settingsOf(
  stored: unknown,
  { workbook, engineVersion, backend, paths }: z.infer<typeof getSimulationResults.output>,
): Record<string, unknown> {
  const { inputs, name: _, workbookId: __, backend: ___, ...request } = readRequest(stored);
  const drawn = inputs.map(({ cell, distribution }): [string, string] => [`input ${cell}`, distribution]);
  return {
    ...request,
    ...Object.fromEntries(drawn),
    workbook: workbook.sha256,
    engineVersion,
    backend,
    'paths run': paths,
  };
}
