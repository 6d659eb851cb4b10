import { setTimeout as delay } from 'node:timers/promises';
import {
  status as Code,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { strike } from './faults.ts';
import type { FaultRule, FaultyService } from './rule.ts';

type Unary = handleUnaryCall<unknown, unknown>;
type Callback = Parameters<Unary>[1];
/** What both kinds of call that are answered by a stream have. */
type Streaming = handleServerStreamingCall<unknown, unknown>;

/**
 * A service as `addService` takes it, whose methods meet the faults that are armed. Streams fail before they are handled
 * or not at all: `point` says nothing there, and none is handled twice.
 */
export function withFaults(
  service: FaultyService,
  [definitions, implementation]: [ServiceDefinition, UntypedServiceImplementation],
): [ServiceDefinition, UntypedServiceImplementation] {
  const struck: UntypedServiceImplementation = {};
  for (const [key, { path, responseStream }] of Object.entries(definitions)) {
    const handle = implementation[key];
    if (handle === undefined) continue;
    const method = path.slice(path.lastIndexOf('/') + 1);
    struck[key] = responseStream
      ? streaming(service, method, handle as Streaming)
      : unary(service, method, handle as Unary);
  }
  return [definitions, struck];
}

function unary(service: FaultyService, method: string, handle: Unary): Unary {
  return (call, callback) => {
    const fault = strike(service, method);
    if (fault === undefined) handle(call, callback);
    else if (fault.kind === 'duplicate') handle(call, () => handle(call, callback));
    else if (fault.point === 'after') handle(call, (...answer) => spoil(fault, callback, () => callback(...answer)));
    else spoil(fault, callback, () => handle(call, callback));
  };
}

function spoil(fault: FaultRule, callback: Callback, goOn: () => void): void {
  if (fault.kind === 'delay') void delay(fault.ms).then(goOn);
  else if (fault.kind === 'error') callback(failureOf(fault));
  // What is dropped is never answered.
}

function streaming(service: FaultyService, method: string, handle: Streaming): Streaming {
  return (call) => {
    const fault = strike(service, method);
    if (fault === undefined || fault.kind === 'duplicate') handle(call);
    else if (fault.kind === 'delay') void delay(fault.ms).then(() => call.cancelled || handle(call));
    else if (fault.kind === 'error') {
      // Headers first: clients take a bare status for a lost connection.
      call.sendMetadata(new Metadata());
      call.emit('error', failureOf(fault));
    }
  };
}

function failureOf({ code }: Extract<FaultRule, { kind: 'error' }>): { code: Code; details: string } {
  return { code: Code[code as keyof typeof Code], details: `a fault wants ${code} here` };
}
