import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 10;
const LONGEST_MS = 30_000;

/** Resolves with the first value that is neither undefined nor false. Throws where none comes. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = Date.now() + LONGEST_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
    await delay(POLL_MS);
  }
}
