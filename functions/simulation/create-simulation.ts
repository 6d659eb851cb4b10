import { createSimulation } from '#contracts/simulation/api.ts';
import { runQueued } from '#contracts/simulation/events.ts';
import { simulationRefusals } from '#contracts/simulation/request.ts';
import { httpFunction } from '#core/function.ts';
import { checkRequest } from './checking/check-request.ts';
import { dispatchEvents, dispatchRuns } from './dispatching/dispatch.ts';
import { insertTask } from './store/portions.ts';
import { enqueueRun } from './store/queue.ts';
import { insertRun } from './store/runs.ts';
import { findWorkbook } from './store/workbooks.ts';

type Refusal = (typeof simulationRefusals)[number];
const REFUSALS: ReadonlySet<string> = new Set(simulationRefusals);
const SEEDS = 2 ** 32;

/** A workbook that is small enough is compiled before it is answered: what it refuses is told at once, not by a failed run. */
export default httpFunction(
  createSimulation,
  {
    emits: [runQueued, ...dispatchEvents],
    calls: [],
    readsBuckets: ['files'],
    cpu: 1,
    memory: '2GiB',
    concurrency: 4,
    maxInstances: 4,
  },
  async (asked, { transaction, tenant, caller, now, random, newId, config }) => {
    const { workbookId, name, paths } = asked;
    const request = {
      ...asked,
      seed: asked.seed ?? Math.floor(random() * SEEDS),
      asOf: asked.asOf ?? now.toISOString(),
    };
    const workbook = await transaction(({ tx }) => findWorkbook(tx, workbookId));
    if (workbook === undefined) return { problem: 'not-found', detail: `there is no workbook ${workbookId}` };
    const checked = await checkRequest(config, request, workbook);
    if (checked.kind === 'refused') {
      if (!REFUSALS.has(checked.code)) throw new RangeError(`${checked.code} is not a refusal that the contract names`);
      return { problem: checked.code as Refusal, detail: checked.detail };
    }
    const id = newId();
    await transaction(async ({ tx, publish }) => {
      const { id: requestedBy, plan } = caller;
      const run = { id, name, workbookId, requestedBy, plan, request, paths, createdAt: now };
      if (!(await insertRun(tx, run))) return;
      await insertTask(tx, id, 0, 'prepare');
      await enqueueRun(tx, { id, tenant, plan, workSeconds: checked.workSeconds, queuedAt: now });
      const at = now.toISOString();
      publish(runQueued, { simulationId: id, version: 1, at, workbookId, requestedBy, plan, paths });
      await dispatchRuns({ tx, publish }, now);
    });
    return { simulationId: id, state: 'queued', seed: request.seed };
  },
);
