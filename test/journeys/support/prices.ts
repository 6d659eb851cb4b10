import { PubSub } from '@google-cloud/pubsub';
import { priceUpdate } from '../../../contracts/market/events.ts';
import { createPublisher } from '../../../contracts/publisher.ts';
import { type CloudAccess, PROJECT } from './access.ts';
import { seeded } from './random.ts';

/** Futures on one-minute bars, with where their prices swing around and how far. */
const MARKETS = {
  CL: { level: 70, swing: 3, noise: 0.25, places: 2 },
  NG: { level: 3, swing: 0.2, noise: 0.02, places: 3 },
  HG: { level: 4, swing: 0.2, noise: 0.015, places: 4 },
  CT: { level: 70, swing: 3, noise: 0.25, places: 2 },
  SB: { level: 20, swing: 0.8, noise: 0.06, places: 2 },
} as const;
export type Market = keyof typeof MARKETS;
/** Those of a replay. */
export const INSTRUMENTS = ['CL', 'NG', 'HG'] as const satisfies Market[];

export const FEED = 'journey';
const STARTS_AT = Date.parse('2026-01-05T00:00:00Z');
const BAR_MS = 60_000;

export interface Tick {
  price: string;
  at: string;
  sequence: number;
}

/** One tick a bar of a seeded swing with noise: trends and reversals enough that both sides of the ensemble speak. */
export function ticksOf(instrument: Market, count: number, seed = 1): Tick[] {
  const { level, swing, noise, places } = MARKETS[instrument];
  const random = seeded(seed * 31 + instrument.charCodeAt(0) * 7 + instrument.charCodeAt(1));
  let drift = 0;
  return Array.from({ length: count }, (_, index) => {
    drift = drift * 0.97 + (random() - 0.5) * 2 * noise;
    const price = level + swing * Math.sin(index / 9) * Math.cos(index / 37) + drift;
    return {
      price: price.toFixed(places),
      at: new Date(STARTS_AT + index * BAR_MS).toISOString(),
      sequence: index + 1,
    };
  });
}

export interface Feed {
  /** Publishes ticks in one message, under ids that they decide, until Pub/Sub has it. */
  send(instrument: string, ticks: readonly Tick[]): Promise<void>;
  close(): Promise<void>;
}

/** A producer that, as a good one does, publishes again under the same id what may or may not have arrived. */
export function openFeed({ ports }: CloudAccess): Feed {
  const pubsub = new PubSub({
    projectId: PROJECT,
    apiEndpoint: `127.0.0.1:${ports.pubsub}`,
    emulatorMode: true,
  });
  const publisher = createPublisher(pubsub, '/feeds/journey');
  return {
    async send(instrument, ticks) {
      const [first] = ticks;
      if (first === undefined) return;
      const options = { id: `${FEED}:${instrument}:${first.sequence}`, at: new Date(first.at) };
      for (let tries = 1; ; tries++) {
        try {
          await publisher.publish(priceUpdate, { instrument, feed: FEED, ticks: [...ticks] }, options);
          return;
        } catch (error) {
          if (tries === 200 || (error as { code?: number }).code === 3) throw error;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    },
    async close() {
      await publisher.close();
      await pubsub.close();
    },
  };
}
