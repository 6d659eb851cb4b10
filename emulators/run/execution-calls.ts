import { type PageRequest, page } from '../rpc/pages.ts';
import { failedPrecondition } from '../rpc/status-error.ts';
import { checkEtag } from './etag.ts';
import { checkName } from './names.ts';
import type { RunParts } from './parts.ts';
import { type Execution, milliseconds, now } from './resources.ts';

interface ExecutionRequest {
  name?: string;
  etag?: string;
  validateOnly?: boolean;
}

/** google.cloud.run.v2.Executions. */
export function executionCalls({ catalogue, operations, executor }: RunParts) {
  const found = ({ name, etag }: ExecutionRequest): Execution => {
    const execution = catalogue.get('execution', checkName(name, 'execution'));
    checkEtag(etag, execution);
    return execution;
  };
  return {
    GetExecution: (request: ExecutionRequest) => found(request),
    ListExecutions: (request: { parent?: string } & PageRequest) => {
      const parent = checkName(request.parent, 'job');
      catalogue.get('job', parent);
      const { items, nextPageToken } = page(catalogue.under('execution', parent), newestFirst, request);
      return { executions: items, nextPageToken };
    },
    CancelExecution: (request: ExecutionRequest) => {
      const execution = found(request);
      if (!executor.isRunning(execution.name))
        throw failedPrecondition(`Execution [${execution.name}] has completed and cannot be cancelled.`);
      if (request.validateOnly === true) return operations.done('execution', execution.name, { response: execution });
      const operation = operations.start(execution.name);
      executor.cancel(execution.name);
      return operation;
    },
    DeleteExecution: (request: ExecutionRequest) => {
      const execution = found(request);
      const response = { ...execution, deleteTime: now() };
      if (request.validateOnly !== true) {
        executor.discard(execution.name);
        catalogue.removeExecution(execution.name);
      }
      return operations.done('execution', execution.name, { response });
    },
  };
}

function newestFirst({ createTime, name }: Execution): string {
  return `${String(1e14 - milliseconds(createTime)).padStart(16, '0')} ${name}`;
}

/** google.cloud.run.v2.Tasks. */
export function taskCalls({ catalogue }: RunParts) {
  return {
    GetTask: ({ name }: { name?: string }) => catalogue.get('task', checkName(name, 'task')),
    ListTasks: (request: { parent?: string } & PageRequest) => {
      const parent = checkName(request.parent, 'execution');
      catalogue.get('execution', parent);
      const byIndex = ({ index }: { index: number }) => String(index).padStart(5, '0');
      const { items, nextPageToken } = page(catalogue.under('task', parent), byIndex, request);
      return { tasks: items, nextPageToken };
    },
  };
}
