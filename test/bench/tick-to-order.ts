import { PubSub } from '@google-cloud/pubsub';
import { orderSubmitted } from '../../contracts/execution/events.ts';
import { priceUpdate } from '../../contracts/market/events.ts';
import { createPublisher, type Publisher } from '../../contracts/publisher.ts';
import { PROJECT } from '../journeys/support/access.ts';
import { mandate, openDesk } from '../journeys/support/desk.ts';
import type { OwnCloud } from '../journeys/support/own-cloud.ts';
import { withCloud } from './bench-cloud.ts';
import { barTime, listBenchInstruments } from './bench-instruments.ts';
import { percentile } from './load.ts';
import { type Figure, type Measurement, spreadOf } from './measurement.ts';
import { atPace } from './pace.ts';

const SIGNALS_PER_SECOND = 20;
const INSTRUMENTS = 10;
/** A swing on which the model speaks at every second bar, for alternating sides, and whose trades never lose. */
const SWING = [-2, -1, 2, 1];
const BARS_PER_SIGNAL = 2;
const TICKS_PER_SECOND = SIGNALS_PER_SECOND * BARS_PER_SIGNAL;
/** The model has no opinion before, and its averages take a while to settle on the swing. */
const BARS_BEFORE = 200;
const WARM_UP_SECONDS = 15;
const ROUNDS = 5;
const SECONDS = 10;
const FEED = 'bench';

/** From the price to the order at the venue, through the whole local cloud. */
export const tickToOrder: Measurement = {
  name: 'tick-to-order',
  measure: (say) =>
    withCloud({}, async (cloud) => {
      const flow = await openFlow(cloud);
      try {
        say(`warming up for ${WARM_UP_SECONDS} s`);
        await flow.run(WARM_UP_SECONDS);
        const rounds: number[][] = [];
        for (let round = 1; round <= ROUNDS; round++) {
          const latencies = await flow.run(SECONDS);
          const least = SECONDS * SIGNALS_PER_SECOND * 0.9;
          if (latencies.length < least)
            throw new Error(
              `only ${latencies.length} orders in ${SECONDS} s at ${SIGNALS_PER_SECOND} signals a second`,
            );
          say(
            `round ${round} of ${ROUNDS}: ${latencies.length} orders, p50 ${percentile(latencies, 0.5).toFixed(1)} ms`,
          );
          rounds.push(latencies);
        }
        return figuresOf(rounds);
      } finally {
        await flow.close();
      }
    }),
};

function figuresOf(rounds: readonly number[][]): Figure[] {
  const measured = `publish call of a one-tick price message to arrival of execution.order.submitted at a pull subscriber; ${SIGNALS_PER_SECOND} signals/s from ${TICKS_PER_SECOND} ticks/s on ${INSTRUMENTS} instruments, ${ROUNDS} rounds of ${SECONDS} s, one host process`;
  const share = (part: number) => spreadOf(rounds.map((latencies) => percentile(latencies, part)));
  return [
    {
      name: 'tick to order submitted, p50',
      unit: 'ms',
      spread: share(0.5),
      target: { atMost: 25 },
      key: 'tickToOrderP50Ms',
      measured,
    },
    {
      name: 'tick to order submitted, p99',
      unit: 'ms',
      spread: share(0.99),
      target: { atMost: 75 },
      key: 'tickToOrderP99Ms',
      measured,
    },
  ];
}

interface Flow {
  /** Paced ticks for so long; the latencies of the orders that came of them, in milliseconds, sorted. */
  run(seconds: number): Promise<number[]>;
  close(): Promise<void>;
}

async function openFlow(cloud: OwnCloud): Promise<Flow> {
  const instruments = await listBenchInstruments(cloud, INSTRUMENTS);
  const desk = await openDesk(cloud, 'Bench Desk');
  const pubsub = new PubSub({
    projectId: PROJECT,
    apiEndpoint: `127.0.0.1:${cloud.ports.pubsub}`,
    emulatorMode: true,
  });
  const publisher = createPublisher(pubsub, '/feeds/bench');
  await Promise.all(instruments.map((instrument) => sendHistory(publisher, instrument)));
  await cloud.quiet();
  for (const instrument of instruments) await mandate(desk, instrument, 2, 'bench');
  await cloud.quiet();

  /** When the tick that closes a bar was published, by instrument and bar. */
  const publishedAt = new Map<string, number>();
  let latencies: number[] = [];
  const [subscription] = await pubsub.topic(orderSubmitted.topic).createSubscription('demo-bench-orders');
  subscription.on('message', (message) => {
    const arrivedAt = performance.now();
    message.ack();
    const { approvalId, decidedAt } = orderSubmitted.data.parse(JSON.parse(message.data.toString()));
    const closed = publishedAt.get(`${decidedAt.instrument} ${decidedAt.sequence}`);
    // An exit that a stop asked for is no signal's order.
    if (approvalId !== undefined && closed !== undefined) latencies.push(arrivedAt - closed);
  });

  let next = BARS_BEFORE * INSTRUMENTS;
  return {
    async run(seconds) {
      latencies = [];
      const first = next;
      next += seconds * TICKS_PER_SECOND;
      await atPace(TICKS_PER_SECOND, seconds, async (index) => {
        const instrument = instruments[(first + index) % INSTRUMENTS] ?? '';
        const bar = Math.floor((first + index) / INSTRUMENTS);
        // A tick closes the bar before its own; bars are numbered from 1.
        publishedAt.set(`${instrument} ${bar}`, performance.now());
        await publisher.publish(priceUpdate, { instrument, feed: FEED, ticks: [tickOf(instrument, bar)] });
      });
      await cloud.quiet();
      return latencies.sort((left, right) => left - right);
    },
    async close() {
      await subscription.close();
      await publisher.close();
      await pubsub.close();
    },
  };
}

async function sendHistory(publisher: Publisher, instrument: string): Promise<void> {
  const ticks = Array.from({ length: BARS_BEFORE }, (_, bar) => tickOf(instrument, bar));
  await publisher.publish(priceUpdate, { instrument, feed: FEED, ticks });
}

function tickOf(instrument: string, bar: number) {
  // Instruments take turns: not all of them speak on the same round.
  const turn = bar + Number(instrument.split('-')[1]);
  return { price: String(100 + (SWING[turn % SWING.length] ?? 0)), at: barTime(bar).toISOString(), sequence: bar + 1 };
}
