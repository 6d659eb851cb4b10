import { type PageRequest, page } from '../rpc/pages.ts';
import { checkName } from './names.ts';
import type { RunParts } from './parts.ts';
import { milliseconds, type Timestamp } from './resources.ts';

/** How long a client that names no time waits. */
const DEFAULT_WAIT_MS = 30_000;

/** google.longrunning.Operations, as Cloud Run has it: operations are not cancelled, executions are. */
export function operationCalls({ catalogue, operations }: RunParts) {
  return {
    GetOperation: ({ name }: { name?: string }) =>
      operations.render(catalogue.get('operation', checkName(name, 'operation'))),
    ListOperations: (request: { name?: string } & PageRequest) => {
      const all = catalogue.under('operation', checkName(request.name, 'location'));
      const { items, nextPageToken } = page(all, ({ name }) => name, request);
      return { operations: items.map((operation) => operations.render(operation)), nextPageToken };
    },
    WaitOperation: ({ name, timeout }: { name?: string; timeout?: Timestamp }) =>
      operations.wait(checkName(name, 'operation'), timeout === undefined ? DEFAULT_WAIT_MS : milliseconds(timeout)),
    DeleteOperation: ({ name }: { name?: string }) => {
      catalogue.removeOperation(catalogue.get('operation', checkName(name, 'operation')).name);
      return {};
    },
  };
}
