import type { Catalogue } from './catalogue.ts';
import type { Executor } from './executor.ts';
import type { Operations } from './operations.ts';
import type { RunOptions } from './options.ts';

/** What the calls of every Cloud Run service work with. */
export interface RunParts {
  catalogue: Catalogue;
  operations: Operations;
  executor: Executor;
  options: RunOptions;
}
