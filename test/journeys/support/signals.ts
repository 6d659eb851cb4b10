import { PubSub } from '@google-cloud/pubsub';
import { signalGenerated } from '../../../contracts/ai/events.ts';
import { toAttributes } from '../../../contracts/kit/envelope.ts';
import type { EventData } from '../../../contracts/kit/event.ts';
import { createPublisher } from '../../../contracts/publisher.ts';
import { type CloudAccess, PROJECT } from './access.ts';
import { type Market, openFeed, type Tick, ticksOf } from './prices.ts';

const SOURCE = '/journeys/strategist';

export interface SignalTerms {
  tenant: string;
  instrument: Market;
  book: string;
  side?: 'BUY' | 'SELL';
  maxPositionLots?: number;
  /** One of its own by default, so that no signal is another's duplicate. */
  mandateId?: string;
}

/** A signal as it is published. */
export interface SpokenSignal {
  signalId: string;
  data: EventData<typeof signalGenerated>;
  attributes: Record<string, string>;
  orderingKey: string;
}

/** Speaks in the models' place: signals when the test wants them, on the last bar that it has closed. */
export interface Strategist {
  /** A signal that is not published yet. */
  compose(terms: SignalTerms): SpokenSignal;
  /** Publishes a signal and resolves with its id when Pub/Sub has it. */
  signal(terms: SignalTerms): Promise<string>;
  /** Publishes the next ticks of an instrument: each closes a bar. */
  closeBars(instrument: Market, count: number): Promise<void>;
  close(): Promise<void>;
}

export function openStrategist(cloud: CloudAccess): Strategist {
  const pubsub = new PubSub({
    projectId: PROJECT,
    apiEndpoint: `127.0.0.1:${cloud.ports.pubsub}`,
    emulatorMode: true,
  });
  const publisher = createPublisher(pubsub, SOURCE, { internal: true });
  const feed = openFeed(cloud);
  const sent = new Map<Market, number>();

  function compose({
    tenant,
    instrument,
    book,
    side = 'BUY',
    maxPositionLots = 2,
    mandateId = crypto.randomUUID(),
  }: SignalTerms): SpokenSignal {
    const signalId = crypto.randomUUID();
    const bar = closedBar(instrument, sent.get(instrument) ?? 0);
    const data = {
      signalId,
      mandateId,
      strategy: 'ensemble',
      instrument,
      book,
      purpose: 'STRATEGY' as const,
      side,
      confidence: 0.95,
      price: bar.price,
      decidedAt: { instrument, sequence: bar.sequence, observedAt: bar.at },
      volatility: 0.2,
      maxPositionLots,
      modelVersion: 'journey',
      features: {},
    };
    const attributes = toAttributes({
      id: signalId,
      type: signalGenerated.type,
      source: SOURCE,
      time: new Date().toISOString(),
      tenant,
      sequence: undefined,
      causation: undefined,
      traceparent: undefined,
    });
    return { signalId, data, attributes, orderingKey: `${tenant}:${instrument}` };
  }

  return {
    compose,
    async signal(terms) {
      const { signalId, data } = compose(terms);
      await publisher.publish(signalGenerated, data, { tenant: terms.tenant, id: signalId });
      return signalId;
    },
    async closeBars(instrument, count) {
      const before = sent.get(instrument) ?? 0;
      await feed.send(instrument, ticksOf(instrument, before + count).slice(before));
      sent.set(instrument, before + count);
    },
    async close() {
      await feed.close();
      await publisher.close();
      await pubsub.close();
    },
  };
}

/** With one tick a bar, the last tick but one has closed its bar. */
function closedBar(instrument: Market, ticks: number): Tick {
  const bar = ticksOf(instrument, ticks)[ticks - 2];
  if (bar === undefined) throw new Error(`no bar of ${instrument} is closed yet`);
  return bar;
}
