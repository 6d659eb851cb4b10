import { status } from '@grpc/grpc-js';

/** A refusal that the caller gets as a gRPC status. */
export class FirestoreError extends Error {
  override readonly name = 'FirestoreError';
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

export function invalidArgument(message: string): FirestoreError {
  return new FirestoreError(status.INVALID_ARGUMENT, message);
}

export function failedPrecondition(message: string): FirestoreError {
  return new FirestoreError(status.FAILED_PRECONDITION, message);
}

export function notFound(message: string): FirestoreError {
  return new FirestoreError(status.NOT_FOUND, message);
}

export function alreadyExists(message: string): FirestoreError {
  return new FirestoreError(status.ALREADY_EXISTS, message);
}

export function aborted(message: string): FirestoreError {
  return new FirestoreError(status.ABORTED, message);
}

/** For what this server does not do: a clear answer instead of a wrong one. */
export function unimplemented(what: string): FirestoreError {
  return new FirestoreError(status.UNIMPLEMENTED, `the local Firestore does not implement ${what}`);
}
