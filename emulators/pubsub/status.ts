import { status as Code } from '@grpc/grpc-js';

/** A refusal with the gRPC status code that a client sees; anything else that is thrown becomes INTERNAL. */
export class StatusError extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}

export const invalidArgument = (message: string) => new StatusError(Code.INVALID_ARGUMENT, message);
export const failedPrecondition = (message: string) => new StatusError(Code.FAILED_PRECONDITION, message);
export const unimplemented = (what: string) =>
  new StatusError(Code.UNIMPLEMENTED, `${what} is not supported by the local Pub/Sub`);
export const notFound = (name: string) => new StatusError(Code.NOT_FOUND, `Resource not found (resource=${name}).`);
export const alreadyExists = (name: string) =>
  new StatusError(Code.ALREADY_EXISTS, `Resource already exists in the project (resource=${name}).`);
export const unauthenticated = (message: string) => new StatusError(Code.UNAUTHENTICATED, message);
export const permissionDenied = (message: string) => new StatusError(Code.PERMISSION_DENIED, message);
