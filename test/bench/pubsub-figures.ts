import type { FlowFigures } from './flow.ts';
import { type Figure, type Measurement, spreadOf } from './measurement.ts';
import { measurePubSub } from './pubsub.ts';
import { measureRedisStreams } from './redis.ts';

const ROUNDS = 3;
const SECONDS = 5;
const LOAD = '256 B, official client, one publisher and one subscriber process';

/** The local Pub/Sub alone, beside Redis Streams where there is a redis-server. */
export const pubsub: Measurement = {
  name: 'pubsub',
  async measure(say) {
    const rounds: FlowFigures[] = [];
    const ratios: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const ours = await measurePubSub({ seconds: SECONDS });
      const redis = await measureRedisStreams({ seconds: SECONDS });
      rounds.push(ours);
      if (redis !== null) ratios.push(ours.messagesPerSecond / redis.messagesPerSecond);
      say(
        `round ${round} of ${ROUNDS}: ${ours.messagesPerSecond.toFixed(0)} msg/s, Redis ${redis === null ? 'is not on the PATH' : redis.messagesPerSecond.toFixed(0)}`,
      );
    }
    return figuresOf(rounds, ratios);
  },
};

function figuresOf(rounds: readonly FlowFigures[], ratios: readonly number[]): Figure[] {
  const paced = `publish call to receipt at 1,000 messages/s; ${LOAD}; ${ROUNDS} rounds of ${SECONDS} s`;
  const figures: Figure[] = [
    {
      name: 'Pub/Sub throughput',
      unit: 'msg/s',
      spread: spreadOf(rounds.map(({ messagesPerSecond }) => messagesPerSecond)),
      target: { atLeast: 50_000 },
      key: 'pubsubMessagesPerSecond',
      measured: `received and acknowledged, durable against process kill; ${LOAD}; ${ROUNDS} rounds of ${SECONDS} s`,
    },
    {
      name: 'Pub/Sub latency, p50',
      unit: 'ms',
      spread: spreadOf(rounds.map(({ p50Ms }) => p50Ms)),
      target: { atMost: 1 },
      key: 'pubsubP50Ms',
      measured: paced,
    },
    {
      name: 'Pub/Sub latency, p99',
      unit: 'ms',
      spread: spreadOf(rounds.map(({ p99Ms }) => p99Ms)),
      target: { atMost: 5 },
      key: 'pubsubP99Ms',
      measured: paced,
    },
  ];
  if (ratios.length === 0) return figures;
  return [
    ...figures,
    {
      name: 'Pub/Sub against Redis Streams',
      unit: '×',
      spread: spreadOf(ratios),
      key: 'pubsubVsRedis',
      measured: 'throughput of the same load in the same run, Redis with a consumer group and an append-only file',
    },
  ];
}
