import { PubSub } from '@google-cloud/pubsub';
import { signalGenerated } from '../../contracts/ai/events.ts';
import { userRegistered } from '../../contracts/identity/events.ts';
import { priceUpdate } from '../../contracts/market/events.ts';
import { createPublisher } from '../../contracts/publisher.ts';
import { PROJECT } from '../journeys/support/access.ts';
import type { OwnCloud } from '../journeys/support/own-cloud.ts';
import { barTime, listBenchInstruments } from './bench-instruments.ts';

/** Bars that close before the first signal: decisions hold prices against the bar before. */
const BARS_BEFORE = 5;
/** Never another one: nothing is won or lost, and no limit on losses is met, however late a fill comes. */
const PRICE = '100';
/** Wide enough that no stop is hit: a lifecycle here ends with its fill. */
const VOLATILITY = 20;

/** Instruments whose bars and signals a measurement decides itself. */
export interface BenchMarket {
  instruments: readonly string[];
  /** One more tick, which closes a bar. Resolves when Pub/Sub has it. */
  closeBar(instrument: string): Promise<void>;
  /** What a strategy would say on the last closed bar: one lot, bought on one bar and sold on the next. */
  signal(tenant: string, instrument: string, book?: string): Promise<void>;
  /** Organisations that trade, without the people who would have to log in. */
  openAccounts(count: number): Promise<string[]>;
  close(): Promise<void>;
}

export async function openBenchMarket(cloud: OwnCloud, instrumentCount: number): Promise<BenchMarket> {
  const instruments = await listBenchInstruments(cloud, instrumentCount);
  const pubsub = new PubSub({ projectId: PROJECT, apiEndpoint: `127.0.0.1:${cloud.ports.pubsub}`, emulatorMode: true });
  const feed = createPublisher(pubsub, '/feeds/bench');
  const platform = createPublisher(pubsub, '/bench', { internal: true });
  const ticks = new Map(instruments.map((instrument) => [instrument, 0]));

  const closeBar = async (instrument: string): Promise<void> => {
    const bar = ticks.get(instrument) ?? 0;
    ticks.set(instrument, bar + 1);
    const tick = { price: PRICE, at: barTime(bar).toISOString(), sequence: bar + 1 };
    await feed.publish(priceUpdate, { instrument, feed: 'bench', ticks: [tick] });
  };
  for (let bar = 0; bar <= BARS_BEFORE; bar++) await Promise.all(instruments.map(closeBar));
  await cloud.quiet();

  return {
    instruments,
    closeBar,
    async signal(tenant, instrument, book = 'bench') {
      // The last tick is in the bar that is open; bars are numbered from 1.
      const sequence = (ticks.get(instrument) ?? 0) - 1;
      const data = {
        signalId: crypto.randomUUID(),
        mandateId: mandateOf(tenant, instrument, book),
        strategy: 'ensemble',
        instrument,
        book,
        purpose: 'STRATEGY' as const,
        side: sequence % 2 === 1 ? ('SELL' as const) : ('BUY' as const),
        confidence: 0.6,
        price: PRICE,
        decidedAt: { instrument, sequence, observedAt: barTime(sequence).toISOString() },
        volatility: VOLATILITY,
        // One lot at this confidence, with room for two that have not traded yet.
        maxPositionLots: 3,
        modelVersion: 'bench',
        features: {},
      };
      await platform.publish(signalGenerated, data, { tenant });
    },
    async openAccounts(count) {
      const tenants = Array.from({ length: count }, () => crypto.randomUUID() as string);
      const at = new Date().toISOString();
      for (const tenant of tenants) {
        const user = { userId: crypto.randomUUID(), email: `${tenant}@bench.example`, organizationId: tenant, at };
        await platform.publish(userRegistered, user, { tenant });
      }
      await cloud.quiet();
      return tenants;
    },
    async close() {
      await Promise.all([feed.close(), platform.close()]);
      await pubsub.close();
    },
  };
}

const mandates = new Map<string, string>();

function mandateOf(...lane: string[]): string {
  const key = lane.join(' ');
  const known = mandates.get(key) ?? crypto.randomUUID();
  mandates.set(key, known);
  return known;
}
