/**
 * The time that the services of this machine's cloud go by: the system's, moved ahead where a test asks for it. One for each
 * process, which is one service; the supervisor tells each of its services of a move.
 */

/** Where a process that is started finds how far the clock has been moved. */
const VARIABLE = 'EMULATOR_CLOCK_AHEAD_MS';

/** A timer runs by a clock that stands still while a laptop sleeps: looking up now and then keeps to the time of day. */
const LOOK_UP_MS = 30_000;

let aheadMs = Number(process.env[VARIABLE] ?? 0);
const followers = new Set<() => void>();

/** Milliseconds since 1970. */
export function now(): number {
  return Date.now() + aheadMs;
}

/** Milliseconds that never go back, whatever is done to the system's clock; for what lasts a while. */
export function uptime(): number {
  return performance.now() + aheadMs;
}

/** How far the clock is ahead of the system's, in milliseconds. */
export function clockAhead(): number {
  return aheadMs;
}

/** Moves the clock to this far ahead of the system's, and wakes whatever is due by then. It never goes back. */
export function moveClock(toAheadMs: number): void {
  if (!(toAheadMs > aheadMs)) return;
  aheadMs = toAheadMs;
  for (const follow of [...followers]) follow();
}

/** Calls back after each move, until the function that it returns is called. For what looks up at intervals of its own. */
export function onClockMoved(follow: () => void): () => void {
  followers.add(follow);
  return () => followers.delete(follow);
}

/** Acts once it is that time, in milliseconds since 1970; returns what calls it off. */
export function at(instantMs: number, act: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const cancel = () => {
    clearTimeout(timer);
    followers.delete(look);
  };
  const look = () => {
    clearTimeout(timer);
    const leftMs = instantMs - now();
    if (leftMs > 0) {
      timer = setTimeout(look, Math.min(leftMs, LOOK_UP_MS));
      return;
    }
    cancel();
    act();
  };
  followers.add(look);
  timer = setTimeout(look, Math.min(Math.max(0, instantMs - now()), LOOK_UP_MS));
  return cancel;
}

/** The variable by which a process is started with this one's time. */
export function clockVariable(): Record<string, string> {
  return { [VARIABLE]: String(aheadMs) };
}
