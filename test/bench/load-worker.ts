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

/** The first eight bytes of a payload say when it was published, on the machine's monotonic clock. */
export function stamp(payload: Buffer): Buffer {
  payload.writeBigUInt64LE(process.hrtime.bigint(), 0);
  return payload;
}

function ageMs(payload: Buffer): number {
  return Number(process.hrtime.bigint() - payload.readBigUInt64LE(0)) / 1e6;
}

/**
 * Serves as a publisher: calls `publish` `perSecond` times a second or, without, as often as the subscriber keeps up with. `publish`
 * resolves when the message is stored.
 */
export function servePublisher(perSecond: number | undefined, publish: () => Promise<unknown>): void {
  let started = 0;
  let published = 0;
  const next = () => {
    started++;
    // A publish that fails ends the process, and with it the measurement.
    void publish().then(() => published++);
  };
  const source = perSecond === undefined ? flood(() => started, next) : paced(perSecond, next);
  serveLoad({
    report: () => ({ count: published }),
    stop: async () => {
      source.end();
      while (published < started) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    onProgress: source.onProgress,
  });
}

/** Serves as a subscriber. What is returned is called with each payload received; `timed` says whether ages are kept. */
export function serveSubscriber(timed: boolean): (payload: Buffer) => void {
  let received = 0;
  let latenciesMs: number[] = [];
  serveLoad({
    report: () => {
      const report = { count: received, latenciesMs };
      latenciesMs = [];
      return report;
    },
  });
  setInterval(() => process.send?.({ progress: received }), PROGRESS_MS);
  return (payload) => {
    received++;
    if (timed) latenciesMs.push(ageMs(payload));
  };
}

/** What makes a publisher publish, until it is ended. */
interface Source {
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
function flood(started: () => number, publish: () => void): Source {
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
