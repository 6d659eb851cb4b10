import domain from 'node:domain';
import { EventEmitter } from 'node:events';
import type { Request, Response } from '@google-cloud/functions-framework';
import { type Config, readConfig } from './config.ts';
import type { Declaration } from './function.ts';
import { readHealth } from './health.ts';
import type { Runtime } from './invocation.ts';
import { explainMalformedBodies } from './malformed-body.ts';
import { serveEvent } from './serve-event.ts';
import { serveHttp } from './serve-http.ts';
import { serveSchedule } from './serve-schedule.ts';
import { startTracing } from './trace.ts';

/**
 * functions-framework runs each request in a domain, whose hooks follow every promise of the process from the first one on: measured at a
 * quarter of the host's CPU. Nothing is lost without: every handler's errors are caught and answered. Leaving the domain in each request was
 * tried first; its hooks stay on.
 */
Object.assign(domain, { create: () => Object.assign(new EventEmitter(), { run: (work: () => void) => work() }) });

/** What the build and the local host know of a function that its file does not say. */
export interface Identity {
  name: string;
  context: string;
  /** The function behind each operation it may call, by `METHOD /path`. */
  calls: Record<string, string>;
}

export type HttpHandler = (request: Request, response: Response) => Promise<void>;

/**
 * Turns a declaration into the HTTP handler that functions-framework serves. Nothing is opened and no environment is read before the
 * first request, unless the host hands the configuration in.
 */
export function serve(declaration: Declaration, identity: Identity, given?: Config): HttpHandler {
  let runtime: Runtime | undefined;
  const start = async (): Promise<Runtime> => {
    const config = given ?? readConfig(process.env);
    await startTracing(config.traces);
    runtime = { ...identity, config };
    return runtime;
  };
  return async (request, response) => {
    explainMalformedBodies(request.app);
    const running = runtime ?? (await start());
    if (request.method === 'GET' && request.path === '/health') {
      const health = await readHealth(running, Date.now());
      response.status(health.status === 'down' ? 503 : 200).json(health);
      return;
    }
    switch (declaration.kind) {
      case 'http':
        return serveHttp(declaration, running, request, response);
      case 'event':
        return serveEvent(declaration, running, request, response);
      case 'schedule':
        return serveSchedule(declaration, running, request, response);
    }
  };
}
