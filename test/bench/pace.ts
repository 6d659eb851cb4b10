import { setTimeout as delay } from 'node:timers/promises';

/**
 * Calls `act` `perSecond` times a second for `seconds`, each call when it is due whatever the ones before it take, and resolves when
 * all have. A call that comes late because this process had no CPU is not left out.
 */
export async function atPace(
  perSecond: number,
  seconds: number,
  act: (index: number) => Promise<void> | void,
): Promise<void> {
  const startedAt = performance.now();
  const acts: (Promise<void> | void)[] = [];
  const total = Math.round(perSecond * seconds);
  for (let index = 0; index < total; index++) {
    const dueIn = (index / perSecond) * 1_000 - (performance.now() - startedAt);
    if (dueIn > 0.5) await delay(dueIn);
    acts.push(act(index));
  }
  await Promise.all(acts);
}
