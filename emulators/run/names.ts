import { status as Code } from '@grpc/grpc-js';
import { invalidArgument, StatusError } from '../rpc/status-error.ts';

const PATTERNS = {
  location: /^projects\/[^/]+\/locations\/[^/]+$/,
  job: /^projects\/[^/]+\/locations\/[^/]+\/jobs\/[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?$/,
  execution: /^projects\/[^/]+\/locations\/[^/]+\/jobs\/[^/]+\/executions\/[^/]+$/,
  task: /^projects\/[^/]+\/locations\/[^/]+\/jobs\/[^/]+\/executions\/[^/]+\/tasks\/[^/]+$/,
  operation: /^projects\/[^/]+\/locations\/[^/]+\/operations\/[^/]+$/,
} as const;

/**
 * Throws INVALID_ARGUMENT unless this names such a resource. A job's id has up to 49 lower-case letters, digits and hyphens,
 * begins with a letter and does not end with a hyphen.
 */
export function checkName(name: string | undefined, kind: keyof typeof PATTERNS): string {
  if (!PATTERNS[kind].test(name ?? '')) throw invalidArgument(`Invalid ${kind} name: [${name ?? ''}].`);
  return name as string;
}

export const locationOf = (name: string): string => name.split('/').slice(0, 4).join('/');
export const idOf = (name: string): string => name.split('/').at(-1) ?? '';
export const notFound = (name: string) => new StatusError(Code.NOT_FOUND, `Resource '${name}' was not found.`);
