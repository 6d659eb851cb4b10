import { createHash, randomUUID } from 'node:crypto';
import type { StoredPolicy } from '../rpc/iam-policies.ts';
import { ResourceStore } from '../rpc/resource-store.ts';
import { notFound } from './names.ts';
import { type Execution, type Job, now, type Operation, type Task } from './resources.ts';

type Kinds = { job: Job; execution: Execution; task: Task; operation: Operation; policy: StoredPolicy };

/** What is changed of a resource, under a new etag and time. */
type Change<T> = Partial<Omit<T, 'name' | 'etag' | 'updateTime'>>;

interface CatalogueOptions {
  directory: string;
  fsync: boolean;
  warn(message: string, details: Record<string, unknown>): void;
}

/** Jobs with their executions, tasks and operations, durable. */
export class Catalogue {
  readonly #store: ResourceStore<Kinds>;

  constructor({ directory, fsync, warn }: CatalogueOptions) {
    const kinds = ['job', 'execution', 'task', 'operation', 'policy'] as const;
    this.#store = new ResourceStore<Kinds>({ directory, fsync, kinds, warn });
  }

  find<K extends keyof Kinds>(kind: K, name: string): Kinds[K] | undefined {
    return this.#store.get(kind, name);
  }

  /** Throws NOT_FOUND. */
  get<K extends keyof Kinds>(kind: K, name: string): Kinds[K] {
    const found = this.#store.get(kind, name);
    if (found === undefined) throw notFound(name);
    return found;
  }

  /** Those right under a parent, such as a job's executions. */
  under<K extends keyof Kinds>(kind: K, parent: string): Kinds[K][] {
    const prefix = `${parent}/${kind}s/`;
    return [...this.#store.all(kind)].flatMap(([name, resource]) => (name.startsWith(prefix) ? [resource] : []));
  }

  all<K extends keyof Kinds>(kind: K): Kinds[K][] {
    return [...this.#store.all(kind)].map(([, resource]) => resource);
  }

  put<K extends keyof Kinds>(kind: K, name: string, resource: Kinds[K]): void {
    this.#store.set(kind, name, resource);
  }

  /** A new job, or one in place of the one with this id. */
  addJob(job: Omit<Job, 'uid' | 'etag' | 'updateTime'>, uid: string = randomUUID()): Job {
    return this.#save('job', { ...job, uid });
  }

  addExecution(execution: Omit<Execution, 'uid' | 'etag' | 'updateTime'>): Execution {
    return this.#save('execution', { ...execution, uid: randomUUID() });
  }

  addTask(task: Omit<Task, 'uid' | 'etag' | 'updateTime'>): Task {
    return this.#save('task', { ...task, uid: randomUUID() });
  }

  changeJob(name: string, change: Change<Job>): Job {
    return this.#save('job', { ...this.get('job', name), ...change });
  }

  changeExecution(name: string, change: Change<Execution>): Execution {
    return this.#save('execution', { ...this.get('execution', name), ...change });
  }

  changeTask(name: string, change: Change<Task>): Task {
    return this.#save('task', { ...this.get('task', name), ...change });
  }

  removeJob(name: string): void {
    for (const execution of this.under('execution', name)) this.removeExecution(execution.name);
    this.#store.delete('policy', name);
    this.#store.delete('job', name);
  }

  removeExecution(name: string): void {
    for (const task of this.under('task', name)) this.#store.delete('task', task.name);
    this.#store.delete('execution', name);
  }

  removeOperation(name: string): void {
    this.#store.delete('operation', name);
  }

  settled(): Promise<void> {
    return this.#store.settled();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #save<K extends 'job' | 'execution' | 'task'>(kind: K, resource: Omit<Kinds[K], 'etag' | 'updateTime'>): Kinds[K] {
    const updateTime = now();
    const etag = `"${createHash('sha256').update(randomUUID()).digest('base64url').slice(0, 16)}"`;
    const saved = { ...resource, updateTime, etag } as Kinds[K];
    this.#store.set(kind, saved.name, saved);
    return saved;
  }
}
