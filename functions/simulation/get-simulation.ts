import { getSimulation } from '#contracts/simulation/api.ts';
import { httpFunction } from '#core/function.ts';
import { findRun } from './store/runs.ts';
import { runView } from './views/run-view.ts';
import { readRequest } from './working/run-request.ts';

export default httpFunction(getSimulation, { cpu: 1, concurrency: 80, maxInstances: 2 }, async ({ id }, { tx }) => {
  const found = await findRun(tx, id);
  if (found === undefined) return { problem: 'not-found', detail: `there is no simulation ${id}` };
  const { run, request } = found;
  const backend = run.backend === undefined ? {} : { backend: run.backend };
  return { ...runView(run), request: readRequest(request), ...backend };
});
