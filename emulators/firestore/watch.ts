import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { Engine } from './engine.ts';
import { type google, v1 } from './proto.ts';
import { type Guard, statusOf } from './rpc.ts';
import { FirestoreError } from './status.ts';
import type { AppliedChange } from './store.ts';
import { type Micros, toMicros, toTimestamp } from './time.ts';
import { openTarget, type TargetChange, type WatchTarget } from './watch-target.ts';

type ListenRequest = InstanceType<typeof google.firestore.v1.ListenRequest>;
type ListenCall = ServerDuplexStream<ListenRequest, object>;
type TargetMessage = google.firestore.v1.ITarget;

const [NO_CHANGE, ADD, REMOVE, CURRENT, RESET] = ['NO_CHANGE', 'ADD', 'REMOVE', 'CURRENT', 'RESET'].map(
  (name) => v1.TargetChange.fromObject({ targetChangeType: name }).targetChangeType,
);

/** All Listen streams: tells each, once a commit is durable, what of it concerns its targets. */
export class Watch {
  readonly #engine: Engine;
  readonly #guard: Guard;
  readonly #streams = new Set<WatchStream>();

  constructor(engine: Engine, guard: Guard) {
    this.#engine = engine;
    this.#guard = guard;
    engine.onCommit((changes) => {
      for (const stream of this.#streams) stream.observe(changes);
    });
  }

  get listeners(): number {
    let count = 0;
    for (const stream of this.#streams) count += stream.targets.size;
    return count;
  }

  /** Serves one Listen call until the client ends it. */
  serve(call: ListenCall): void {
    const stream = new WatchStream(this.#engine, call);
    const close = () => {
      this.#streams.delete(stream);
      stream.targets.clear();
    };
    const refuse = (request: ListenRequest, error: unknown) => {
      if (isDenied(error)) stream.refuse(request, error);
      else call.emit('error', statusOf(error));
    };
    const allowed = (async () => this.#guard(call.metadata, 'read'))();
    call.on('data', (request: ListenRequest) => {
      allowed.then(
        () => {
          this.#streams.add(stream);
          stream.take(request);
        },
        (error: unknown) => refuse(request, error),
      );
    });
    call.on('cancelled', close);
    call.on('error', close);
    call.on('end', () => {
      close();
      call.end();
    });
  }
}

class WatchStream {
  readonly targets = new Map<number, WatchTarget>();
  readonly #engine: Engine;
  readonly #call: ListenCall;
  #isBlocked = false;
  #isDue = false;

  constructor(engine: Engine, call: ListenCall) {
    this.#engine = engine;
    this.#call = call;
  }

  take({ addTarget, removeTarget }: ListenRequest): void {
    if (addTarget != null) this.#add(addTarget);
    else if (removeTarget != null) this.#remove(removeTarget);
  }

  /** Denies a target. As the stream's own status, the official client would take it for a lost connection. */
  refuse({ addTarget }: ListenRequest, error: unknown): void {
    if (addTarget != null) this.#removeFor([addTarget.targetId ?? 0], error);
  }

  observe(changes: readonly AppliedChange[]): void {
    let hasNews = false;
    for (const target of this.targets.values()) {
      for (const change of changes) if (target.observe(change)) hasNews = true;
    }
    if (hasNews) this.#schedule();
  }

  #add(message: TargetMessage): void {
    const targetIds = [message.targetId ?? 0];
    const at = this.#engine.published;
    const since = resumePoint(this.#engine, message);
    let target: WatchTarget;
    try {
      target = openTarget(this.#engine, message, at, since);
    } catch (error) {
      this.#removeFor(targetIds, error);
      return;
    }
    this.#send({ targetChangeType: ADD, targetIds });
    if (since === undefined && isResuming(message)) this.#send({ targetChangeType: RESET, targetIds });
    this.#tell(target, at);
    // Whoever resumes with documents of its own learns whether it holds the right number of them.
    if (since !== undefined && message.expectedCount != null) {
      this.#write({ filter: { targetId: target.id, count: target.count() } });
    }
    this.#send({ targetChangeType: CURRENT, targetIds, ...this.#moment(at) });
    this.#send({ targetChangeType: NO_CHANGE, ...this.#moment(at) });
    if (message.once) this.#send({ targetChangeType: REMOVE, targetIds });
    else this.targets.set(target.id, target);
  }

  #removeFor(targetIds: number[], error: unknown): void {
    const { code, details } = statusOf(error);
    this.#send({ targetChangeType: REMOVE, targetIds, cause: { code, message: details } });
  }

  #remove(id: number): void {
    this.targets.delete(id);
    this.#send({ targetChangeType: REMOVE, targetIds: [id] });
  }

  /** Commits of one turn of the event loop, or made while the client is slow to read, are told as one. */
  #schedule(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (this.#isBlocked) return;
    this.#isDue = false;
    const at = this.#engine.published;
    let hasTold = false;
    for (const target of this.targets.values()) if (this.#tell(target, at)) hasTold = true;
    if (hasTold) this.#send({ targetChangeType: NO_CHANGE, ...this.#moment(at) });
  }

  #tell(target: WatchTarget, at: Micros): boolean {
    const news = target.news(at);
    for (const [name, change] of news) this.#write(changeMessage(target.id, name, change, at));
    return news.size > 0;
  }

  #moment(at: Micros): { readTime: object; resumeToken: Buffer } {
    return { readTime: toTimestamp(at), resumeToken: Buffer.from(String(at)) };
  }

  #send(targetChange: object): void {
    this.#write({ targetChange });
  }

  #write(message: object): void {
    if (this.#call.write(message) || this.#isBlocked) return;
    this.#isBlocked = true;
    this.#call.once('drain', () => {
      this.#isBlocked = false;
      if (this.#isDue) this.#flush();
    });
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof FirestoreError && error.code === status.PERMISSION_DENIED;
}

function changeMessage(id: number, name: string, change: TargetChange, at: Micros): object {
  if (change.kind === 'changed') return { documentChange: { document: change.document, targetIds: [id] } };
  const removal = { document: name, removedTargetIds: [id], readTime: toTimestamp(at) };
  return change.exists ? { documentRemove: removal } : { documentDelete: removal };
}

function isResuming({ resumeToken, readTime }: TargetMessage): boolean {
  return (resumeToken?.length ?? 0) > 0 || readTime != null;
}

/**
 * The moment that a listener saw last, where what has happened since is known. Before this process started, that is so
 * only from the last commit found on disk; where there was none, the disk may have been emptied.
 */
function resumePoint({ store, started, recovered, published }: Engine, message: TargetMessage): Micros | undefined {
  if (!isResuming(message)) return undefined;
  const { resumeToken, readTime } = message;
  const since = readTime != null ? toMicros(readTime) : Number(Buffer.from(resumeToken ?? '').toString());
  if (!Number.isSafeInteger(since) || since < store.horizon || since > published) return undefined;
  return since >= started || recovered > 0 ? since : undefined;
}
