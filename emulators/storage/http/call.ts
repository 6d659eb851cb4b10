import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { invalid, Refusal } from './refusal.ts';

/** The service takes this much of metadata in one request. */
const MAX_JSON_BYTES = 2_000_000;

/** One request, whichever door it came through. */
export interface Call {
  method: string;
  /** As sent: still percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: AsyncIterable<Buffer>;
  /** `http://127.0.0.1:9023`, as the caller addresses this server: what links in answers begin with. */
  origin: string;
  /** The parts of the path that the route names. */
  params: Readonly<Record<string, string>>;
  /** Drops the connection that the request comes on. */
  hangUp(): void;
  /** What a test of retries wants to go wrong within this call. */
  fault?: { status: number; afterBytes: number } | undefined;
}

export function callOf(request: IncomingMessage): Call {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const host = request.headers.host ?? 'localhost';
  return {
    method: request.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: request.headers,
    // Whoever stops reading half-way still has an answer to send on this connection.
    body: request.iterator({ destroyOnReturn: false }),
    origin: `http://${host}`,
    params: {},
    hangUp: () => request.destroy(),
  };
}

/** A path parameter that the route has for certain. */
export function param(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no {${name}}`);
  return value;
}

export function header(call: Call, name: string): string | undefined {
  const value = call.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

export async function readBytes(body: AsyncIterable<Buffer>, limit = MAX_JSON_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // The rest is read and dropped: an answer to a half-read request would be lost with the connection.
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) throw new Refusal(400, 'invalid', `Metadata part is too large: it may have ${limit} bytes`);
  return Buffer.concat(chunks);
}

/** The JSON object of a request; empty where it has no body. */
export async function readObject(call: Call): Promise<Record<string, unknown>> {
  return parseObject(await readBytes(call.body));
}

export function parseObject(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new Refusal(400, 'parseError', `Parse Error: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(value)) throw invalid('the body is to be a JSON object');
  return value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
