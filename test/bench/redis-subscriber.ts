import { serveSubscriber } from './load-worker.ts';
import type { RedisLoad } from './redis.ts';
import { type Reply, RespClient } from './resp.ts';

const load: RedisLoad = JSON.parse(process.argv[2] ?? '{}');
const redis = await RespClient.connect(load.port);
/** Acknowledges one read: [[stream, [[id, [field, value]], …]]], or null where nothing came in time. */
function consume(reply: Reply): void {
  if (!Array.isArray(reply)) return;
  const [[, entries]] = reply as [[Buffer, [Buffer, [Buffer, Buffer]][]]];
  for (const [, [, payload]] of entries) take(payload);
  void redis.send('XACK', load.stream, 'group', ...entries.map(([id]) => id));
}

async function read(): Promise<void> {
  for (;;)
    consume(
      await redis.send(
        'XREADGROUP',
        'GROUP',
        'group',
        'one',
        'COUNT',
        '500',
        'BLOCK',
        '1000',
        'STREAMS',
        load.stream,
        '>',
      ),
    );
}

await redis.send('XGROUP', 'CREATE', load.stream, 'group', '$', 'MKSTREAM');
const take = serveSubscriber(load.perSecond !== undefined);
void read();
