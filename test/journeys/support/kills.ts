import { setTimeout as delay } from 'node:timers/promises';
import { pick, seeded } from './random.ts';
import type { SpawnedCloud } from './spawned-cloud.ts';

interface Kill {
  /** The tick whose flow is under way. */
  tick: number;
  victim: 'host' | 'pubsub' | 'venue' | 'everything';
  /** After the tick was published: its flow takes some tens of milliseconds. */
  afterMs: number;
}

const VICTIMS = ['host', 'pubsub', 'venue', 'everything'] as const;
const LONGEST_FLOW_MS = 40;

/** Kills at moments that a seed decides; the first ones take each victim once, so that none is left out. */
export function planKills(seed: number, count: number, ticks: number): Kill[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, index) => ({
    tick: Math.floor(random() * ticks),
    victim: VICTIMS[index] ?? pick(random, VICTIMS),
    afterMs: Math.floor(random() * LONGEST_FLOW_MS),
  }));
}

/** Carries the kills out, each in the flow of its tick. */
export function killing(cloud: SpawnedCloud, kills: readonly Kill[]): (tick: number) => Promise<void> {
  return async (tick) => {
    for (const { victim, afterMs } of kills.filter((kill) => kill.tick === tick)) {
      await delay(afterMs);
      await (victim === 'everything' ? cloud.killEverything() : cloud.kill(victim));
    }
  };
}

export function toText(kills: readonly Kill[]): string {
  return kills
    .toSorted((left, right) => left.tick - right.tick)
    .map(({ tick, victim, afterMs }) => `tick ${tick} + ${afterMs} ms: ${victim}`)
    .join('; ');
}
