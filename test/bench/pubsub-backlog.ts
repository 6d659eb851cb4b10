import { pause } from './load.ts';
import { type Figure, type Measurement, spreadOf } from './measurement.ts';
import { withLoadedServer } from './pubsub-loaded-server.ts';

const MESSAGES = 10_000_000;
/** By then every buffer and the share of messages that stays in memory are full. */
const WARM_MESSAGES = 3_000_000;
const LOOK_EVERY_MS = 500;
const BYTES = 64;
const MESSAGES_PER_REQUEST = 100;

/** What a subscriber costs that holds a thousand messages and acknowledges none, while ten million are published. */
export const pubsubBacklog: Measurement = {
  name: 'pubsub-backlog',
  async measure(say) {
    const growthMb = await measureGrowth(say);
    const figure: Figure = {
      name: 'Pub/Sub memory, ten million unread',
      unit: 'MB',
      spread: spreadOf([growthMb]),
      target: { atMost: 50 },
      measured: `growth of the server's resident memory from ${WARM_MESSAGES / 1e6} to ${MESSAGES / 1e6} million unacknowledged messages of ${BYTES} B, ${MESSAGES_PER_REQUEST} a publish request`,
    };
    return [figure];
  },
};

function measureGrowth(say: (line: string) => void): Promise<number> {
  const window = 2 * MESSAGES;
  const load = { bytes: BYTES, messagesPerRequest: MESSAGES_PER_REQUEST, window, acknowledges: false };
  return withLoadedServer(load, async (server, generator) => {
    let warmMb: number | undefined;
    for (;;) {
      await pause(LOOK_EVERY_MS);
      const { count } = await generator.ask('report');
      const residentMb = server.residentMb() ?? Number.NaN;
      if (count >= WARM_MESSAGES) warmMb ??= residentMb;
      if (count < MESSAGES || warmMb === undefined) continue;
      say(`${warmMb.toFixed(0)} MB at ${WARM_MESSAGES} messages, ${residentMb.toFixed(0)} MB at ${count}`);
      return residentMb - warmMb;
    }
  });
}
