import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FlowFigures, measureFlow } from './flow.ts';
import { pause } from './load.ts';
import { RespClient } from './resp.ts';

export interface RedisLoad {
  port: number;
  stream: string;
  bytes: number;
  perSecond?: number;
}

/**
 * The load of `measurePubSub` on Redis Streams with a consumer group: XADD, XREADGROUP, XACK, an append-only file written
 * before the answer (what survives a kill -9, as the local Pub/Sub's log does). Null without redis-server on the PATH.
 */
export async function measureRedisStreams(options: {
  seconds: number;
  bytes?: number;
  perSecond?: number;
}): Promise<FlowFigures | null> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return null;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-redis-'));
  const port = await freePort();
  const server = spawn(
    'redis-server',
    [
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'no',
      '--dir',
      folder,
    ],
    { stdio: 'ignore' },
  );
  try {
    await untilItAnswers(port);
    const { bytes = 256, perSecond = 1000, seconds } = options;
    const load = { port, bytes };
    const scripts = { publisher: 'redis-publisher.ts', subscriber: 'redis-subscriber.ts' };
    return await measureFlow(scripts, seconds, { ...load, stream: 'paced', perSecond }, { ...load, stream: 'full' });
  } finally {
    await end(server);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilItAnswers(port: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const redis = await RespClient.connect(port);
      await redis.send('PING');
      redis.close();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await pause(50);
    }
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}
