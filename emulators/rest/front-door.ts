import { createServer as createHttpServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { takenPortMessage } from '../ports.ts';
import type { Route } from './http-rules.ts';
import { restTranscoder } from './transcoder.ts';

/** How HTTP/2 with prior knowledge, and so every gRPC client, begins (RFC 9113, 3.4); no HTTP/1 method does. */
const PREFACE = Buffer.from('PRI');

/**
 * Throws, naming the `option` that chooses another, where somebody else has the port. For before a service opens its
 * files: whoever holds the port may be writing to them.
 */
export async function requireFreePort(port: number, option: string): Promise<void> {
  const probe = createServer();
  await listen(probe, port).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new Error(takenPortMessage(port, option)) : error;
  });
  await new Promise((resolve) => probe.close(resolve));
}

interface FrontDoor {
  port: number;
  /** Also ends every connection. */
  close(): Promise<void>;
}

/**
 * Serves gRPC and REST on one port of 127.0.0.1. The first three bytes of a connection tell which it is; after them a gRPC
 * connection belongs to grpc-js's server as if that had accepted it, at no cost to its calls.
 * Rejects with node's own error where the port is taken.
 */
export async function openFrontDoor(options: {
  port: number;
  grpc: Server;
  routes: readonly Route[];
}): Promise<FrontDoor> {
  const injector = options.grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const http = createHttpServer();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    sort(
      socket,
      () => injector.injectConnection(socket),
      () => http.emit('connection', socket),
    );
  });
  const port = await listen(server, options.port);
  const transcoder = restTranscoder(options.routes, port);
  http.on('request', transcoder.listener);
  return {
    port,
    close: async () => {
      transcoder.close();
      options.grpc.forceShutdown();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function sort(socket: Socket, toGrpc: () => void, toHttp: () => void): void {
  let head = Buffer.alloc(0);
  const drop = () => socket.destroy();
  const look = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const seen = head.subarray(0, PREFACE.length);
    if (seen.length < PREFACE.length && seen.equals(PREFACE.subarray(0, seen.length))) return;
    socket.pause();
    socket.off('data', look).off('error', drop);
    socket.unshift(head);
    if (seen.equals(PREFACE)) toGrpc();
    else {
      toHttp();
      socket.resume();
    }
  };
  socket.on('data', look).on('error', drop);
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
