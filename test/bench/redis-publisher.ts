import { servePublisher, stamp } from './load-worker.ts';
import type { RedisLoad } from './redis.ts';
import { RespClient } from './resp.ts';

const load: RedisLoad = JSON.parse(process.argv[2] ?? '{}');
const redis = await RespClient.connect(load.port);
// Trimmed as it goes: what Pub/Sub forgets once it is acknowledged.
servePublisher(load.perSecond, () =>
  redis.send('XADD', load.stream, 'MAXLEN', '~', '100000', '*', 'd', stamp(Buffer.allocUnsafe(load.bytes))),
);
