import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { dirname } from 'node:path';
import * as z from 'zod';
import { clockAhead, moveClock, now } from '../clock.ts';
import type { Child } from '../cloud/child.ts';
import { type FaultyService, faultRule } from './rule.ts';

/** The services that are steered together, by the names that rules give them. */
export type Steered = Readonly<Partial<Record<FaultyService, Child>>>;

const MAX_BODY_BYTES = 100_000;

const clockMove = z.union([
  z.strictObject({ advanceSeconds: z.number().gt(0).max(1e9) }),
  z.strictObject({ at: z.iso.datetime({ offset: true }) }),
]);

/** What cannot be done as it was asked for. */
class BadRequest extends Error {}

interface Answer {
  status: number;
  body: unknown;
}

/**
 * Answers the requests that faults are armed and the clock is moved by: `GET`, `POST` and `DELETE /faults`, `GET` and
 * `POST /clock`. Undefined for any other. `clockFile` keeps the clock's lead for the next start.
 */
export async function steer(
  services: Steered,
  clockFile: string,
  request: IncomingMessage,
): Promise<Answer | undefined> {
  try {
    const body = await answer(services, clockFile, request);
    return body === undefined ? undefined : { status: 200, body };
  } catch (error) {
    if (error instanceof BadRequest) return { status: 400, body: { error: error.message } };
    throw error;
  }
}

async function answer(services: Steered, clockFile: string, request: IncomingMessage): Promise<object | undefined> {
  const { pathname } = new URL(request.url ?? '/', 'http://control');
  switch (`${request.method} ${pathname}`) {
    case 'GET /faults':
      return { faults: (await askAll(services, 'listFaults')).flat() };
    case 'POST /faults':
      return addFault(services, await readJson(request));
    case 'DELETE /faults':
      await askAll(services, 'clearFaults');
      return { faults: [] };
    case 'GET /clock':
      return clockState();
    case 'POST /clock':
      return advance(services, clockFile, await readJson(request));
    default:
      return undefined;
  }
}

/** The lead that an earlier start's clock had when it was last moved: what it stored would lie in the future otherwise. */
export function resumeClock(clockFile: string): void {
  try {
    moveClock(z.object({ aheadMs: z.number() }).parse(JSON.parse(readFileSync(clockFile, 'utf8'))).aheadMs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function addFault(services: Steered, body: unknown): Promise<object> {
  const { service } = parse(faultRule, body);
  const child = services[service];
  if (child === undefined)
    throw new BadRequest(`${service} does not run here; what runs: ${Object.keys(services).join(', ')}`);
  return (await child.ask('addFault', body)) as object;
}

async function advance(services: Steered, clockFile: string, body: unknown): Promise<object> {
  const move = parse(clockMove, body);
  const byMs = 'at' in move ? Date.parse(move.at) - now() : move.advanceSeconds * 1_000;
  if (byMs < 0) throw new BadRequest(`the clock never goes back: it is ${new Date(now()).toISOString()}`);
  moveClock(clockAhead() + byMs);
  const aheadMs = clockAhead();
  // First what a restart reads, so that no service comes back with an earlier time.
  mkdirSync(dirname(clockFile), { recursive: true });
  writeFileSync(clockFile, JSON.stringify({ aheadMs }));
  await askAll(services, 'moveClock', aheadMs);
  return clockState();
}

function clockState(): { now: string; aheadSeconds: number } {
  return { now: new Date(now()).toISOString(), aheadSeconds: clockAhead() / 1_000 };
}

function askAll(services: Steered, method: string, params?: unknown): Promise<unknown[]> {
  return Promise.all(Object.values(services).map((child) => child.ask(method, params)));
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new BadRequest(z.prettifyError(parsed.error));
  return parsed.data;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_BODY_BYTES) throw new BadRequest(`the request is longer than ${MAX_BODY_BYTES} bytes`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadRequest(`the body is no JSON: ${(error as Error).message}`);
  }
}
