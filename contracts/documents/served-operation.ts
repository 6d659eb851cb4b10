import type { Operation } from '../kit/operation.ts';

/** An operation and the function that serves it, `<context>-<use-case>`. */
export interface ServedOperation {
  contract: Operation;
  functionName: string;
}

/** Where a function answers. */
export interface BackendAddress {
  /** Without a trailing slash; the operation's path is appended. Also the audience of the gateway's own token. */
  address: string;
  /** After it the gateway answers 504. */
  deadlineSeconds: number;
}
