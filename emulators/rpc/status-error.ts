import { status as Code, Metadata } from '@grpc/grpc-js';
import { googleRpc } from './google-rpc.ts';

/** One of google.rpc's error details, such as `{ type: 'ErrorInfo', reason, domain, metadata }`. */
export interface ErrorDetail {
  type: 'ErrorInfo' | 'BadRequest' | 'PreconditionFailure' | 'ResourceInfo';
  [field: string]: unknown;
}

/** A refusal with the gRPC status code that a client sees, and what Google's services tell beside the message. */
export class StatusError extends Error {
  readonly code: Code;
  readonly details: readonly ErrorDetail[];

  constructor(code: Code, message: string, details: readonly ErrorDetail[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

export const invalidArgument = (message: string) => new StatusError(Code.INVALID_ARGUMENT, message);
export const failedPrecondition = (message: string) => new StatusError(Code.FAILED_PRECONDITION, message);
/** For what a service of the local cloud has not got, and the real one has. */
export const unimplemented = (what: string, service: string) =>
  new StatusError(Code.UNIMPLEMENTED, `${what} is not supported by the local ${service}`);

interface GrpcFailure {
  code: Code;
  details: string;
  metadata?: Metadata;
}

/**
 * What grpc-js sends for an error. Bytes that are no message are the client's fault, and a full disk is refused in a way
 * that clients retry; everything unforeseen is INTERNAL.
 */
export function grpcFailure(error: unknown): GrpcFailure {
  if (error instanceof StatusError) {
    const failure = { code: error.code, details: error.message };
    return error.details.length === 0 ? failure : { ...failure, metadata: detailsMetadata(error) };
  }
  if (error instanceof RangeError)
    return { code: Code.INVALID_ARGUMENT, details: `Malformed message: ${error.message}` };
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return { code: Code.UNAVAILABLE, details: message };
  return { code: Code.INTERNAL, details: error instanceof Error ? error.message : String(error) };
}

/** The details as clients look for them: a google.rpc.Status in `grpc-status-details-bin`. */
function detailsMetadata({ code, message, details }: StatusError): Metadata {
  const status = googleRpc.lookupType('google.rpc.Status');
  const packed = details.map(({ type, ...fields }) => {
    const detail = googleRpc.lookupType(`google.rpc.${type}`);
    return {
      type_url: `type.googleapis.com/google.rpc.${type}`,
      value: detail.encode(detail.fromObject(fields)).finish(),
    };
  });
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(status.encode({ code, message, details: packed }).finish()));
  return metadata;
}
