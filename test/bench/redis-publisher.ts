import { flood, paced, serveLoad, stamp } from './load-worker.ts';
import type { RedisLoad } from './redis.ts';
import { RespClient } from './resp.ts';

const load: RedisLoad = JSON.parse(process.argv[2] ?? '{}');
const redis = await RespClient.connect(load.port);
let started = 0;
let published = 0;

async function publish(): Promise<void> {
  started++;
  // Trimmed as it goes: what Pub/Sub forgets once it is acknowledged.
  await redis.send('XADD', load.stream, 'MAXLEN', '~', '100000', '*', 'd', stamp(Buffer.allocUnsafe(load.bytes)));
  published++;
}

const source = load.perSecond === undefined ? flood(() => started, publish) : paced(load.perSecond, publish);
serveLoad({
  report: () => ({ count: published }),
  stop: async () => {
    source.end();
    while (published < started) await new Promise((resolve) => setTimeout(resolve, 10));
  },
  onProgress: source.onProgress,
});
