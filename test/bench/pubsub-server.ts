import { pause, rate } from './load.ts';
import { type Figure, type Measurement, spreadOf } from './measurement.ts';
import { withLoadedServer } from './pubsub-loaded-server.ts';

const ROUNDS = 3;
const SECONDS = 4;
const WARM_UP_MS = 3000;
const BYTES = 256;
const MESSAGES_PER_REQUEST = 500;
/** Published and not received yet: enough to keep both processes busy. */
const WINDOW = 20_000;

const LOAD = `${BYTES} B, ${MESSAGES_PER_REQUEST} a publish request, published, streamed and acknowledged by one process that speaks HTTP/2 with pre-encoded requests`;

interface Round {
  messagesPerSecond: number;
  cpuMicros: number;
  residentMb: number;
}

/** The local Pub/Sub's server alone: what it carries when its clients cost next to nothing. */
export const pubsubServer: Measurement = {
  name: 'pubsub-server',
  async measure(say) {
    const rounds: Round[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const figures = await measureServer();
      rounds.push(figures);
      say(
        `round ${round} of ${ROUNDS}: ${figures.messagesPerSecond.toFixed(0)} msg/s, ${figures.cpuMicros.toFixed(2)} µs CPU a message, ${figures.residentMb.toFixed(0)} MB`,
      );
    }
    return figuresOf(rounds);
  },
};

function measureServer(): Promise<Round> {
  const load = { bytes: BYTES, messagesPerRequest: MESSAGES_PER_REQUEST, window: WINDOW, acknowledges: true };
  return withLoadedServer(load, async (server, generator) => {
    await pause(WARM_UP_MS);
    const before = await generator.ask('report');
    const cpuBefore = server.cpuSeconds() ?? Number.NaN;
    await pause(SECONDS * 1000);
    const after = await generator.ask('report');
    const cpu = (server.cpuSeconds() ?? Number.NaN) - cpuBefore;
    return {
      messagesPerSecond: rate(before, after),
      cpuMicros: (cpu * 1e6) / (after.count - before.count),
      residentMb: server.residentMb() ?? Number.NaN,
    };
  });
}

function figuresOf(rounds: readonly Round[]): Figure[] {
  const measured = `${LOAD}; durable against process kill; ${ROUNDS} rounds of ${SECONDS} s`;
  return [
    {
      name: 'Pub/Sub server throughput',
      unit: 'msg/s',
      spread: spreadOf(rounds.map(({ messagesPerSecond }) => messagesPerSecond)),
      target: { atLeast: 150_000 },
      key: 'pubsubServerMessagesPerSecond',
      measured,
    },
    {
      name: 'Pub/Sub server CPU',
      unit: 'µs/msg',
      spread: spreadOf(rounds.map(({ cpuMicros }) => cpuMicros)),
      key: 'pubsubServerCpuUsPerMessage',
      measured: `user and system; ${measured}`,
    },
  ];
}
