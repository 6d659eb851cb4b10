import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type MethodDefinition,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { type Codec, codec, emptyCodec } from './proto.ts';
import { FirestoreError, invalidArgument } from './status.ts';
import { warn } from './warn.ts';

/** What a call must be allowed to do. */
export type Need = 'read' | 'write';

/** Throws or rejects when the caller may not. Undefined: it may. */
export type Guard = (metadata: Metadata, need: Need) => Promise<void> | undefined;

/** What a handler may know of its call. */
export interface Call {
  onCancelled(act: () => void): void;
}

/** https://firebase.google.com/docs/firestore/quotas says 10 MiB; this is what the real service measures by. */
const MAX_REQUEST_BYTES = 11_534_336;

/** Stands in for a request that is too long to be looked at. */
const TOO_LONG: object = {};

type Shape = 'unary' | 'server-stream' | 'duplex';

function method<Request, Response>(
  name: string,
  request: Codec<Request>,
  response: Codec<Response>,
  shape: Shape = 'unary',
): MethodDefinition<Request, object> {
  return {
    path: `/google.firestore.v1.Firestore/${name}`,
    requestStream: shape === 'duplex',
    responseStream: shape !== 'unary',
    requestSerialize: (message) => asBuffer(request.encode(message as object).finish()),
    requestDeserialize: (bytes) => (bytes.length > MAX_REQUEST_BYTES ? (TOO_LONG as Request) : request.decode(bytes)),
    responseSerialize: (message) => asBuffer(response.encode(message).finish()),
    responseDeserialize: (bytes) => response.decode(bytes) as object,
  };
}

/** google.firestore.v1.Firestore; a method that has no handler answers UNIMPLEMENTED. */
export const firestoreService = {
  GetDocument: method('GetDocument', codec('GetDocumentRequest'), codec('Document')),
  ListDocuments: method('ListDocuments', codec('ListDocumentsRequest'), codec('ListDocumentsResponse')),
  CreateDocument: method('CreateDocument', codec('CreateDocumentRequest'), codec('Document')),
  UpdateDocument: method('UpdateDocument', codec('UpdateDocumentRequest'), codec('Document')),
  DeleteDocument: method('DeleteDocument', codec('DeleteDocumentRequest'), emptyCodec),
  BatchGetDocuments: method(
    'BatchGetDocuments',
    codec('BatchGetDocumentsRequest'),
    codec('BatchGetDocumentsResponse'),
    'server-stream',
  ),
  BeginTransaction: method('BeginTransaction', codec('BeginTransactionRequest'), codec('BeginTransactionResponse')),
  Commit: method('Commit', codec('CommitRequest'), codec('CommitResponse')),
  Rollback: method('Rollback', codec('RollbackRequest'), emptyCodec),
  BatchWrite: method('BatchWrite', codec('BatchWriteRequest'), codec('BatchWriteResponse')),
  RunQuery: method('RunQuery', codec('RunQueryRequest'), codec('RunQueryResponse'), 'server-stream'),
  RunAggregationQuery: method(
    'RunAggregationQuery',
    codec('RunAggregationQueryRequest'),
    codec('RunAggregationQueryResponse'),
    'server-stream',
  ),
  ListCollectionIds: method('ListCollectionIds', codec('ListCollectionIdsRequest'), codec('ListCollectionIdsResponse')),
  Listen: method('Listen', codec('ListenRequest'), codec('ListenResponse'), 'duplex'),
  PartitionQuery: method('PartitionQuery', codec('PartitionQueryRequest'), codec('PartitionQueryResponse')),
  ExecutePipeline: method(
    'ExecutePipeline',
    codec('ExecutePipelineRequest'),
    codec('ExecutePipelineResponse'),
    'server-stream',
  ),
  Write: method('Write', codec('WriteRequest'), codec('WriteResponse'), 'duplex'),
};

/** A handler of one request and one response. */
export function unary<Request>(
  guard: Guard,
  need: (request: Request) => Need,
  handle: (request: Request) => Promise<object> | object,
): handleUnaryCall<Request, object> {
  return (call, callback) => {
    const answer = async () => {
      checkLength(call.request);
      await guard(call.metadata, need(call.request));
      return handle(call.request);
    };
    answer().then(
      (response) => callback(null, response),
      (error: unknown) => callback(statusOf(error)),
    );
  };
}

/** A handler of one request whose responses are known before the first is sent. */
export function serverStream<Request>(
  guard: Guard,
  need: (request: Request) => Need,
  handle: (request: Request, call: Call) => Promise<Iterable<object>>,
): handleServerStreamingCall<Request, object> {
  return (call) => {
    let isAnswered = false;
    // grpc-js says 'cancelled' at the end of every call.
    const onCancelled = (act: () => void) => call.once('cancelled', () => isAnswered || act());
    const answer = async () => {
      checkLength(call.request);
      await guard(call.metadata, need(call.request));
      const responses = await handle(call.request, { onCancelled });
      isAnswered = true;
      await writeAll(call, responses);
    };
    answer().then(
      () => call.end(),
      (error: unknown) => {
        // Headers first: the official client takes a bare status for a lost connection, and tries for seven seconds.
        call.sendMetadata(new Metadata());
        call.emit('error', statusOf(error));
      },
    );
  };
}

function checkLength(request: unknown): void {
  if (request !== TOO_LONG) return;
  throw invalidArgument(`Request payload size exceeds the limit: ${MAX_REQUEST_BYTES} bytes.`);
}

/** The status that a caller gets for an error; what was not foreseen is INTERNAL, and logged. */
export function statusOf(error: unknown): { code: status; details: string } {
  if (error instanceof FirestoreError) return { code: error.code, details: error.message };
  warn('a call failed', { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) };
}

async function writeAll<Request>(
  call: ServerWritableStream<Request, object>,
  responses: Iterable<object>,
): Promise<void> {
  for (const response of responses) {
    if (call.cancelled) return;
    if (!call.write(response)) await drained(call);
  }
}

function drained<Request>(call: ServerWritableStream<Request, object>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      call.off('drain', done).off('cancelled', done);
      resolve();
    };
    call.once('drain', done).once('cancelled', done);
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
