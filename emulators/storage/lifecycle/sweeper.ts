import { onClockMoved } from '../../clock.ts';
import type { Service } from '../service.ts';
import { sweep } from './sweep.ts';

interface Sweeper {
  /** Sweeps now, or when the sweep under way has ended. Rejects where that could not be stored. */
  run(): Promise<void>;
  close(): Promise<void>;
}

/** Sweeps again and again, and whenever the clock is moved; with 0, only when asked to. */
export function startSweeper(service: Service, everyMs: number): Sweeper {
  let last = Promise.resolve();
  const run = () => {
    const next = last.then(() => sweep(service));
    last = next.catch((error: unknown) => service.warn('lifecycle rules were not applied', { error: String(error) }));
    return next;
  };
  const timer = everyMs === 0 ? undefined : setInterval(run, everyMs).unref();
  const unfollow = onClockMoved(() => void run());
  return {
    run,
    async close() {
      clearInterval(timer);
      unfollow();
      await last;
    },
  };
}
