import { randomUUID } from 'node:crypto';
import type protobuf from 'protobufjs';
import type { Catalogue } from './catalogue.ts';
import { locationOf } from './names.ts';
import type { Operation } from './resources.ts';

interface Outcome {
  error?: { code: number; message: string };
  response?: object;
}

const TYPES = { job: 'google.cloud.run.v2.Job', execution: 'google.cloud.run.v2.Execution' } as const;

/** Long-running operations (google/longrunning/operations.proto) and those who wait for them. */
export class Operations {
  readonly #catalogue: Catalogue;
  readonly #root: protobuf.Root;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(catalogue: Catalogue, root: protobuf.Root) {
    this.#catalogue = catalogue;
    this.#root = root;
  }

  /** An operation that is done when its target is. With `runs`, it fails where that does. */
  start(target: string, runs = false): object {
    return this.render(this.#add({ kind: 'execution', target, done: false, runs }));
  }

  /** An operation that needed no time. */
  done(kind: Operation['kind'], target: string, outcome: Outcome): object {
    return this.render(this.#add({ kind, target, done: true, runs: false, ...outcome }));
  }

  #add(operation: Omit<Operation, 'name'>): Operation {
    const name = `${locationOf(operation.target)}/operations/${randomUUID()}`;
    const added = { name, ...operation };
    this.#catalogue.put('operation', name, added);
    return added;
  }

  /** Ends what waits for this target: with the error, where there is one and the operation runs the target. */
  finish(target: string, { response = {}, error }: Outcome): void {
    for (const operation of this.#catalogue.all('operation')) {
      if (operation.done || operation.target !== target) continue;
      const outcome = error !== undefined && operation.runs ? { error } : { response };
      this.#catalogue.put('operation', operation.name, { ...operation, done: true, ...outcome });
      for (const wake of this.#waiting.get(operation.name) ?? []) wake();
      this.#waiting.delete(operation.name);
    }
  }

  /** The operation once it is done, or as it is when the time is over. */
  async wait(name: string, ms: number): Promise<object> {
    if (this.#catalogue.get('operation', name).done) return this.render(this.#catalogue.get('operation', name));
    const wakers = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, wakers);
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      wakers.add(wake);
    });
    return this.render(this.#catalogue.get('operation', name));
  }

  /** As google.longrunning.Operation. */
  render({ name, kind, target, done, error, response }: Operation): object {
    const resource = response ?? this.#catalogue.find(kind, target) ?? { name: target };
    const packed = this.#pack(kind, resource);
    const result = done ? (error === undefined ? { response: packed } : { error }) : {};
    return { name, done, metadata: packed, ...result };
  }

  #pack(kind: Operation['kind'], resource: object): object {
    const type = this.#root.lookupType(TYPES[kind]);
    const value = type.encode(type.fromObject(resource)).finish();
    return { type_url: `type.googleapis.com/${TYPES[kind]}`, value };
  }

  /** Lets go of who waits. */
  close(): void {
    for (const wakers of this.#waiting.values()) for (const wake of wakers) wake();
  }
}
