import type { handleUnaryCall, MethodDefinition, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import type protobuf from 'protobufjs';
import { grpcFailure } from './status-error.ts';

/** Answers one method: plain objects in and out, with enums by name, bytes as Buffer and 64-bit integers as numbers. */
type Handler = (request: never) => object | Promise<object>;

/**
 * A protobufjs service as grpc-js's `addService` takes it, with the handlers by method name. A method without one answers
 * UNIMPLEMENTED. No answer is given before `settled` resolves, so that none tells what a crash could undo.
 * Throws where the service has no such method.
 */
export function unaryService(
  root: protobuf.Root,
  name: string,
  handlers: Readonly<Record<string, Handler>>,
  settled: () => Promise<void>,
): [ServiceDefinition, UntypedServiceImplementation] {
  const service = root.lookupService(name);
  const definitions: Record<string, MethodDefinition<object, object>> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [method, handle] of Object.entries(handlers)) {
    const found = service.methods[method];
    found?.resolve();
    if (found?.resolvedRequestType == null || found.resolvedResponseType == null)
      throw new Error(`${name} has no method ${method}`);
    definitions[method] = definition(`/${name}/${method}`, found.resolvedRequestType, found.resolvedResponseType);
    implementation[method] = answering(handle as (request: object) => object | Promise<object>, settled);
  }
  return [definitions, implementation];
}

function answering(
  handle: (request: object) => object | Promise<object>,
  settled: () => Promise<void>,
): handleUnaryCall<object, object> {
  return (call, callback) => {
    const answer = async () => {
      const response = await handle(call.request);
      await settled();
      return response;
    };
    answer().then(
      (response) => callback(null, response),
      (error: unknown) => callback(grpcFailure(error)),
    );
  };
}

function definition(path: string, request: protobuf.Type, response: protobuf.Type): MethodDefinition<object, object> {
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestDeserialize: (bytes) => decode(request, bytes),
    responseSerialize: (message) => encode(response, message),
    requestSerialize: (message) => encode(request, message),
    responseDeserialize: (bytes) => decode(response, bytes),
  };
}

function decode(type: protobuf.Type, bytes: Uint8Array): object {
  return type.toObject(type.decode(bytes), { longs: Number, enums: String, bytes: Buffer });
}

function encode(type: protobuf.Type, message: object): Buffer {
  return Buffer.from(type.encode(type.fromObject(message)).finish());
}
