import { type ChildProcess, spawn } from 'node:child_process';
import { request as forward } from 'node:http';
import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../ports.ts';
import { refuse, type Target } from './front.ts';
import type { HostedFunction } from './options.ts';

interface Instance {
  child: ChildProcess;
  port: number;
}

export interface Isolated {
  serve: Target;
  stop(): void;
}

const START_DEADLINE_MS = 10_000;

/**
 * Serves a function from its bundle in a process of its own, which starts on the first request and ends when it has been idle:
 * cold starts, and nothing shared, as in the cloud.
 */
export function hostIsolated(hosted: HostedFunction, idleSeconds: number): Isolated {
  let instance: Promise<Instance> | undefined;
  let idle: NodeJS.Timeout | undefined;
  const stop = () => {
    clearTimeout(idle);
    void instance?.then(({ child }) => child.kill('SIGTERM'));
    instance = undefined;
  };
  const running = (): Promise<Instance> => {
    instance ??= startInstance(hosted, () => {
      instance = undefined;
    });
    return instance;
  };
  return {
    stop,
    serve(request, response) {
      clearTimeout(idle);
      running().then(
        ({ port }) => {
          const onward = forward(
            { port, host: '127.0.0.1', method: request.method, path: request.url, headers: request.headers },
            (answer) => {
              response.writeHead(answer.statusCode ?? 502, answer.headers);
              answer.pipe(response);
            },
          );
          onward.on('error', (error) => {
            if (!response.headersSent) refuse(response, 503, `${hosted.name}: ${error.message}`);
          });
          request.pipe(onward);
        },
        (error: unknown) => {
          instance = undefined;
          refuse(response, 503, `${hosted.name} did not start: ${String(error)}`);
        },
      );
      response.once('close', () => {
        clearTimeout(idle);
        idle = setTimeout(stop, idleSeconds * 1_000).unref();
      });
    },
  };
}

/** What Google's buildpack starts an instance with. */
const FRAMEWORK = fileURLToPath(import.meta.resolve('@google-cloud/functions-framework')).replace(
  /index\.js$/,
  'main.js',
);
/** An instance ends with its host, however that ends: nothing is left to hold a port or a connection. */
const END_WITH_HOST = "data:text/javascript,process.once('disconnect',()=>process.exit())";

async function startInstance({ name, file, environment }: HostedFunction, onExit: () => void): Promise<Instance> {
  const port = await freePort();
  const child = spawn(process.execPath, ['--import', END_WITH_HOST, FRAMEWORK, '--source', file, '--target', name], {
    env: { ...environment, PORT: String(port), NODE_ENV: 'production', PATH: process.env.PATH },
    // Both to the host's log.
    stdio: ['ignore', 1, 1, 'ipc'],
  });
  let exited = false;
  child.once('exit', () => {
    exited = true;
    onExit();
  });
  const deadline = Date.now() + START_DEADLINE_MS;
  while (!exited && Date.now() < deadline) {
    if (await accepts(port)) return { child, port };
    await delay(5);
  }
  child.kill('SIGKILL');
  throw new Error(exited ? 'its process ended' : `it did not listen within ${START_DEADLINE_MS} ms`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
