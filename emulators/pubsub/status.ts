import { status as Code } from '@grpc/grpc-js';
import { failedPrecondition, invalidArgument, unimplemented as notBuilt, StatusError } from '../rpc/status-error.ts';

export { failedPrecondition, invalidArgument, StatusError };

export const unimplemented = (what: string) => notBuilt(what, 'Pub/Sub');
export const notFound = (name: string) => new StatusError(Code.NOT_FOUND, `Resource not found (resource=${name}).`);
export const alreadyExists = (name: string) =>
  new StatusError(Code.ALREADY_EXISTS, `Resource already exists in the project (resource=${name}).`);
export const unauthenticated = (message: string) => new StatusError(Code.UNAUTHENTICATED, message);
export const permissionDenied = (message: string) => new StatusError(Code.PERMISSION_DENIED, message);
