import type {
  handleUnaryCall,
  Metadata,
  MethodDefinition,
  ServerUnaryCall,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { grpcFailure } from '../rpc/status-error.ts';
import { codec } from './protos.ts';

/** What a method may ask of the call that it answers. */
export interface Call {
  metadata: Metadata;
  /** Calls back when the client no longer waits: at once if it has gone already. */
  onCancel(callback: () => void): void;
}

/** A gRPC method: how its bytes are read and written, and what it does. */
export interface Method {
  definition: MethodDefinition<unknown, unknown>;
  handler: UntypedServiceImplementation[string];
}

/** Throws unless the caller may do this; given the method's path. */
type Authorize = (metadata: Metadata) => Promise<void> | undefined;

/** A method that takes and answers protobufjs messages, given by full name. */
export function unary<Request extends object, Response extends object>(
  path: string,
  requestType: string,
  responseType: string,
  authorize: Authorize,
  handle: (request: Request, call: Call) => Response | Promise<Response>,
): Method {
  const request = codec<Request>(requestType);
  const response = codec<Response>(responseType);
  return rawUnary(path, request.decode, response.encode, authorize, handle);
}

/**
 * Makes the methods of a service, given by full name, whose requests are named after them: `GetTopic` takes a `GetTopicRequest`.
 * A response of another package is given by its full name.
 */
export function methodsOf(service: string, authorize: Authorize) {
  const ownPackage = service.slice(0, service.lastIndexOf('.'));
  return <Request extends object, Response extends object>(
    name: string,
    response: string,
    handle: (request: Request) => Response,
  ): Method =>
    unary<Request, Response>(
      `/${service}/${name}`,
      `${ownPackage}.${name}Request`,
      response.includes('.') ? response : `${ownPackage}.${response}`,
      authorize,
      handle,
    );
}

/** A method with readers and writers of its own. An answer that needs no waiting is given without a promise. */
export function rawUnary<Request, Response>(
  path: string,
  read: (bytes: Buffer) => Request,
  write: (response: Response) => Buffer,
  authorize: Authorize,
  handle: (request: Request, call: Call) => Response | Promise<Response>,
): Method {
  const handler: handleUnaryCall<Request, Response> = (call, callback) => {
    const fail = (error: unknown) => callback(grpcFailure(error));
    const answer = (response: Response) => callback(null, response);
    try {
      const permitted = authorize(call.metadata);
      const response =
        permitted === undefined
          ? handle(call.request, callOf(call))
          : permitted.then(() => handle(call.request, callOf(call)));
      if (response instanceof Promise) response.then(answer, fail);
      else answer(response);
    } catch (error) {
      fail(error);
    }
  };
  return { definition: definition(path, false, read, write), handler };
}

function callOf(call: ServerUnaryCall<unknown, unknown>): Call {
  return {
    metadata: call.metadata,
    onCancel: (callback) => {
      if (call.cancelled) callback();
      else call.once('cancelled', callback);
    },
  };
}

export function definition<Request, Response>(
  path: string,
  streams: boolean,
  read: (bytes: Buffer) => Request,
  write: (response: Response) => Buffer,
): MethodDefinition<unknown, unknown> {
  return {
    path,
    requestStream: streams,
    responseStream: streams,
    requestDeserialize: read,
    responseSerialize: write as (response: unknown) => Buffer,
    // The client's side of the definition; a server uses neither.
    requestSerialize: notOnAServer,
    responseDeserialize: notOnAServer,
  };
}

function notOnAServer(): never {
  throw new Error('a server neither writes requests nor reads responses');
}

/** Methods as grpc-js takes them: a definition and an implementation with the same keys. */
export function toService(methods: readonly Method[]): [ServiceDefinition, UntypedServiceImplementation] {
  const definitions = Object.fromEntries(methods.map((method) => [method.definition.path, method.definition]));
  const handlers = Object.fromEntries(methods.map((method) => [method.definition.path, method.handler]));
  return [definitions, handlers];
}
