import type { LoadReport, LoadRequest } from './load.ts';

const PROGRESS_MS = 5;

interface Load {
  report(): Omit<LoadReport, 'at'>;
  stop?(): Promise<void>;
  /** Told how many messages the subscriber has received. */
  onProgress?(received: number): void;
}

/** The child's side of LoadProcess: says that it is ready, answers reports, ends on stop and with its parent. */
export function serveLoad({ onProgress, report, stop }: Load): void {
  process.on('message', async (request: LoadRequest) => {
    if ('progress' in request) {
      onProgress?.(request.progress);
      return;
    }
    if (request.ask === 'stop') await stop?.();
    process.send?.({ ...report(), at: String(process.hrtime.bigint()) });
  });
  process.once('disconnect', () => process.exit(0));
  process.send?.({ ready: true });
}

/** Reports a subscriber's progress for as long as the process lives. */
export function tellProgress(received: () => number): void {
  setInterval(() => process.send?.({ progress: received() }), PROGRESS_MS);
}

/** The first eight bytes of a payload say when it was published, on the machine's monotonic clock. */
export function stamp(payload: Buffer): Buffer {
  payload.writeBigUInt64LE(process.hrtime.bigint(), 0);
  return payload;
}

export function ageMs(payload: Buffer): number {
  return Number(process.hrtime.bigint() - payload.readBigUInt64LE(0)) / 1e6;
}

/** What makes a publisher publish, until it is ended. */
export interface Source {
  end(): void;
  onProgress(received: number): void;
}

/** Calls `publish` `perSecond` times a second. */
export function paced(perSecond: number, publish: () => void): Source {
  const started = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - started) / 1000) * perSecond;
    for (; sent < due; sent++) publish();
  }, 1);
  return { end: () => clearInterval(timer), onProgress: () => undefined };
}

/** Published and not received yet: enough to keep every process busy. */
const WINDOW = 20_000;

/** Calls `publish` as often as the subscriber keeps up with. */
export function flood(started: () => number, publish: () => void): Source {
  let ended = false;
  return {
    end: () => {
      ended = true;
    },
    onProgress: (received) => {
      while (!ended && started() - received < WINDOW) publish();
    },
  };
}
