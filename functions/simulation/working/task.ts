import { createHash } from 'node:crypto';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { ErrorKinds } from '../engine/recalculation/error-kinds.ts';
import { compiledFrom } from '../engine/request/model.ts';
import { type PreparedRun, prepareRun, type RunRequest } from '../engine/request/prepare.ts';
import { type Gathered, nextStep, nothingGathered, withStretch } from '../engine/run/gathered.ts';
import { decodePartial, placePartial } from '../engine/run/portion.ts';
import { rearrangedColumns, type SuppliedColumn } from '../engine/run/rearrangement.ts';
import { keptPaths, type RunSettings } from '../engine/run/settings.ts';
import { statisticsOf } from '../engine/run/simulate.ts';
import { explainedErrors } from '../engine/run/statistics.ts';
import { planOf, type Stretch } from '../engine/run/stretch.ts';
import { readWorkbook } from '../engine/workbook/read.ts';
import { writtenFigures } from '../views/figures.ts';
import { EngineFailure } from './engine-failure.ts';
import { decodePrepared, encodePrepared } from './kept-run.ts';

/** Work that would hold up a process for seconds, in which it could neither renew its lease nor hear of a cancellation. */
export type Task = PrepareTask | MergeTask | ExplainTask;

export interface PrepareTask {
  kind: 'prepare';
  /** The workbook's file. */
  bytes: Uint8Array;
  request: RunRequest;
  keptBytes: number;
}

export interface MergeTask {
  kind: 'merge';
  prepared: Uint8Array;
  /** The partials of each stage so far, in the order of their paths. */
  stages: readonly (readonly Uint8Array[])[];
}

/** Which errors the outputs of a finished run were: the formula engine works out the first failing paths again. */
export interface ExplainTask {
  kind: 'explain';
  prepared: Uint8Array;
  stages: readonly (readonly Uint8Array[])[];
  bytes: Uint8Array;
  request: RunRequest;
}

export type PrepareOutcome =
  | { kind: 'prepared'; bytes: Uint8Array; run: PreparedRun; supplied: readonly SuppliedColumn[] }
  | { kind: 'refused'; code: string; detail: string };

export type MergeOutcome =
  | { kind: 'stretch'; stretch: Stretch }
  | {
      kind: 'finished';
      stopped: 'paths' | 'precision';
      paths: number;
      digest: string;
      outputs: object[];
      errors: { cell: string; errors: number; paths: number }[];
      /** By output, once they are known; not in the digest, for which the workbook is not needed any more. */
      kinds?: ExplainOutcome;
    };

/** By output. */
export type ExplainOutcome = readonly ErrorKinds[];

type OutcomeOf<T extends Task> = T extends PrepareTask
  ? PrepareOutcome
  : T extends MergeTask
    ? MergeOutcome
    : ExplainOutcome;

/** A thread takes longer to start than so little takes to be done. */
const SMALL_WORKBOOK_BYTES = 100_000;
const SMALL_PARTIAL_BYTES = 2_000_000;

/** Does a task, on a thread of its own unless it is small; undefined where it was stopped meanwhile. Rejects with an EngineFailure. */
export async function doTask<T extends Task>(task: T, signal: AbortSignal): Promise<OutcomeOf<T> | undefined> {
  if (!isSmall(task)) return onThread(task, signal);
  try {
    return (await outcomeOf(task)) as OutcomeOf<T>;
  } catch (error) {
    throw new EngineFailure(error);
  }
}

function isSmall(task: Task): boolean {
  if (task.kind !== 'merge') {
    const isQuick = task.bytes.length < SMALL_WORKBOOK_BYTES && task.request.copula.kind !== 'iman-conover';
    if (task.kind === 'prepare' || !isQuick) return isQuick;
  }
  return task.stages.flat().reduce((sum, { length }) => sum + length, 0) < SMALL_PARTIAL_BYTES;
}

/** Like the engine's workers, the thread starts with this very file, which is therefore imported on first use. */
function onThread<T extends Task>(task: T, signal: AbortSignal): Promise<OutcomeOf<T> | undefined> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { simulationTask: task } });
    const stop = () => void worker.terminate();
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    worker.once('message', resolve);
    worker.once('error', (error) => reject(new EngineFailure(error)));
    worker.once('exit', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) resolve(undefined);
      else if (code !== 0) reject(new EngineFailure(new Error(`the thread ended with code ${code}`)));
    });
  });
}

const task = taskOf(workerData);
if (task !== undefined) parentPort?.postMessage(await outcomeOf(task));

async function outcomeOf(given: Task): Promise<PrepareOutcome | MergeOutcome | ExplainOutcome> {
  if (given.kind === 'prepare') return prepare(given);
  return given.kind === 'merge' ? merge(given) : explain(given);
}

function taskOf(data: unknown): Task | undefined {
  return typeof data === 'object' && data !== null && 'simulationTask' in data
    ? (data.simulationTask as Task)
    : undefined;
}

async function prepare({ bytes, request, keptBytes }: PrepareTask): Promise<PrepareOutcome> {
  const read = await readWorkbook(bytes);
  if (read.kind === 'refused')
    return { kind: 'refused', code: 'workbook-refused', detail: `${read.code}: ${read.detail}` };
  const preparation = prepareRun(request, read.workbook, keptBytes);
  if (preparation.kind === 'refused') return preparation;
  const { run } = preparation;
  const settings = { ...run.settings, workers: 1 };
  const supplied = rearrangedColumns(settings.model, settings.rearranged, planOf(settings));
  const kept = encodePrepared({ ...run, suppliedColumns: supplied.map(({ column }) => column) });
  return { kind: 'prepared', bytes: kept, run, supplied };
}

function merge({ prepared, stages }: MergeTask): MergeOutcome {
  const run = decodePrepared(prepared);
  const settings = { ...run.settings, workers: 1 };
  const gathered = gatheredFrom(settings, stages);
  const next = nextStep(settings, gathered);
  if (next.kind === 'stretch') return next;
  const statistics = statisticsOf(settings, gathered);
  const outputs = statistics.map(writtenFigures);
  const digest = createHash('sha256').update(JSON.stringify(outputs)).digest('hex');
  const errors = statistics.map(({ cell, errors, paths }) => ({ cell, errors, paths }));
  return { kind: 'finished', stopped: next.stopped, paths: gathered.done, digest, outputs, errors };
}

function gatheredFrom(settings: RunSettings, stages: MergeTask['stages']): Gathered {
  let gathered = nothingGathered(settings);
  for (const stage of stages) {
    const partials = stage.map(decodePartial);
    const parts = partials.map((partial) => placePartial(gathered, partial));
    gathered = withStretch(settings, gathered, partials.at(-1)?.end ?? gathered.done, parts);
  }
  return gathered;
}

/** None where the workbook cannot be read any more: what a run came to is told all the same. */
async function explain({ prepared, stages, bytes, request }: ExplainTask): Promise<ExplainOutcome> {
  const read = await readWorkbook(bytes);
  if (read.kind === 'refused') return [];
  const settings = { ...decodePrepared(prepared).settings, workers: 1 };
  const { values, done } = gatheredFrom(settings, stages);
  const stored = Math.min(done, keptPaths(settings));
  const outputs = settings.model.outputs.map(
    (_, output) => new Float64Array(values[output] ?? new SharedArrayBuffer(0), 0, stored),
  );
  return explainedErrors(settings, compiledFrom(request, read.workbook, request.now).explaining(), outputs);
}
