import { setTimeout as delay } from 'node:timers/promises';
import { pick, seeded } from './random.ts';
import type { Disturb } from './replay.ts';
import type { SpawnedCloud } from './spawned-cloud.ts';

export type Victim = 'host' | 'pubsub' | 'venue' | 'everything';

export interface Kill {
  /** The tick whose flow is under way. */
  tick: number;
  victim: Victim;
  /** After the tick was published. A tick's flow takes some tens of milliseconds. */
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
export function killing(cloud: SpawnedCloud, kills: readonly Kill[]): Disturb {
  return async (tick) => {
    for (const { victim, afterMs } of kills.filter((kill) => kill.tick === tick)) {
      await delay(afterMs);
      await (victim === 'everything' ? cloud.killEverything() : cloud.kill(victim));
    }
  };
}
