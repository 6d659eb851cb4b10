import { status as Code, type ServiceError } from '@grpc/grpc-js';
import { googleRpc } from '../rpc/google-rpc.ts';
import { writeJson } from './json-write.ts';

const statusType = googleRpc.lookupType('google.rpc.Status');

// google/rpc/code.proto, "HTTP Mapping"
const HTTP_STATUS: Readonly<Record<number, number>> = {
  [Code.OK]: 200,
  [Code.CANCELLED]: 499,
  [Code.UNKNOWN]: 500,
  [Code.INVALID_ARGUMENT]: 400,
  [Code.DEADLINE_EXCEEDED]: 504,
  [Code.NOT_FOUND]: 404,
  [Code.ALREADY_EXISTS]: 409,
  [Code.PERMISSION_DENIED]: 403,
  [Code.UNAUTHENTICATED]: 401,
  [Code.RESOURCE_EXHAUSTED]: 429,
  [Code.FAILED_PRECONDITION]: 400,
  [Code.ABORTED]: 409,
  [Code.OUT_OF_RANGE]: 400,
  [Code.UNIMPLEMENTED]: 501,
  [Code.INTERNAL]: 500,
  [Code.UNAVAILABLE]: 503,
  [Code.DATA_LOSS]: 500,
};

interface ErrorAnswer {
  httpStatus: number;
  body: { error: { code: number; message: string; status: string; details?: unknown[] } };
}

/** The error body of Google's APIs (cloud.google.com/apis/design/errors) for a gRPC status. */
export function errorAnswer(code: Code, message: string, details: unknown[] = []): ErrorAnswer {
  const httpStatus = HTTP_STATUS[code] ?? 500;
  const error = { code: httpStatus, message, status: Code[code] ?? 'UNKNOWN' };
  return { httpStatus, body: { error: details.length === 0 ? error : { ...error, details } } };
}

/** The same for what a gRPC call failed with, its `grpc-status-details-bin` included. */
export function errorAnswerOf({ code, details, metadata }: ServiceError): ErrorAnswer {
  const [bytes] = metadata?.get('grpc-status-details-bin') ?? [];
  if (!Buffer.isBuffer(bytes)) return errorAnswer(code, details);
  const status = writeJson(statusType, statusType.decode(bytes), { enumsAsNumbers: false }) as { details?: unknown[] };
  return errorAnswer(code, details, status.details);
}
