import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';

const IDLE_CLIENTS = 1_000;
const NOISY_CLIENTS = 20;

/** What a service must bear: requests as bytes on the wire, and how to see that it still serves others. */
export interface Mistreated {
  port: number;
  /** Well-formed requests, which are cut off, continued with noise or never ended. */
  requests: readonly Buffer[];
  /** What a client sends when it connects and has nothing to ask yet. */
  greeting: Buffer;
  /** Rejects when the service does not serve. */
  serves(): Promise<unknown>;
}

/** Random bytes, cut streams, half-open connections and a thousand idle clients leave the service serving. */
export async function mistreat(t: ExecutionContext, { port, requests, greeting, serves }: Mistreated): Promise<void> {
  const sockets: Socket[] = [];
  t.teardown(() => sockets.forEach((socket) => void socket.destroy()));
  const open = async (bytes: Buffer) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    // The service may hang up on such clients whenever it likes.
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    socket.resume();
    socket.write(bytes);
    return socket;
  };
  const random = randomBytes();

  for (let client = 0; client < NOISY_CLIENTS; client++) {
    await open(random(1 + client * 997));
    for (const request of requests) await open(Buffer.concat([request.subarray(0, 30 + client * 7), random(5_000)]));
  }
  await serves();

  for (const request of requests)
    for (let cut = 1; cut < request.length; cut += Math.ceil(request.length / 20)) {
      const socket = await open(request.subarray(0, cut));
      if (cut % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
  await serves();

  for (const request of requests)
    for (const share of [0.25, 0.5, 0.95]) {
      const part = request.subarray(0, request.length * share);
      (await open(part)).end();
      await open(part);
    }
  await serves();

  await Promise.all(Array.from({ length: IDLE_CLIENTS }, () => open(greeting)));
  await serves();
  for (const socket of sockets) socket.destroy();
  await t.notThrowsAsync(serves());
}

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const SETTINGS = frame(4, 0, 0, Buffer.alloc(0));

/** What a gRPC client sends first. */
export const GRPC_GREETING = Buffer.concat([Buffer.from(PREFACE), SETTINGS]);

/** A unary gRPC request with the client's greeting in front, whose message is longer than what it announces is sent of. */
export function grpcRequest(path: string, message: Uint8Array): Buffer {
  const headers = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': path,
    ':authority': 'localhost',
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  const fields = Object.entries(headers).map(([name, value]) => Buffer.concat([literal(name), literal(value)]));
  const block = Buffer.concat(fields.map((field) => Buffer.concat([Buffer.of(0), field])));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  const [endHeaders, endStream] = [4, 1];
  return Buffer.concat([
    GRPC_GREETING,
    frame(1, endHeaders, 1, block),
    frame(0, endStream, 1, Buffer.concat([prefix, message])),
  ]);
}

/** A request of HTTP/1.1 with a body. */
export function httpRequest(method: string, path: string, headers: Record<string, string>, body: Buffer): Buffer {
  const all = { host: 'localhost', 'content-length': `${body.length}`, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.concat([Buffer.from([`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')), body]);
}

/** A frame of HTTP/2: RFC 9113, section 4.1. */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A string of HPACK, not compressed; shorter than 127 bytes: RFC 7541, section 5.2. */
function literal(text: string): Buffer {
  return Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
}

/** The same bytes in every run. */
function randomBytes(): (length: number) => Buffer {
  let state = 42;
  return (length) =>
    Buffer.from(
      Array.from({ length }, () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state >>> 24;
      }),
    );
}
