import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { ExecutionContext } from 'ava';

/**
 * A daemon that takes a stream by clamd's protocol, https://docs.clamav.net/manual/Usage/Scanning.html#clamd, and answers; without an
 * answer it hangs up. `after`: answers once it has so many bytes, and takes no more.
 */
export async function fakeClamd(
  t: ExecutionContext,
  answer: (content: Buffer) => string | undefined | Promise<string | undefined>,
  { after = Number.POSITIVE_INFINITY } = {},
) {
  const server = createServer((socket) => {
    const received: Buffer[] = [];
    let bytes = 0;
    socket.on('error', () => socket.destroy());
    socket.on('data', async (chunk: Buffer) => {
      received.push(chunk);
      bytes += chunk.length;
      const content = bytes >= after ? Buffer.concat(received) : streamed(Buffer.concat(received));
      if (content === undefined) return;
      const reply = await answer(content);
      if (reply === undefined) socket.destroy();
      else socket.end(`${reply}\0`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** The content of a stream that has ended, or undefined. */
function streamed(received: Buffer): Buffer | undefined {
  const command = 'zINSTREAM\0';
  if (received.subarray(0, command.length).toString() !== command) return undefined;
  const parts: Buffer[] = [];
  for (let at = command.length; at + 4 <= received.length; ) {
    const length = received.readUInt32BE(at);
    if (length === 0) return Buffer.concat(parts);
    parts.push(received.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return undefined;
}
