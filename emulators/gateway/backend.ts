import { type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import type { ApiOperation, Backend } from './api.ts';
import { BodyTooLarge, collect } from './body.ts';

interface BackendRequest {
  method: string;
  /** Path and query at the backend. */
  path: string;
  headers: OutgoingHttpHeaders;
  body: Buffer | undefined;
}

export interface BackendAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The backend did not answer in full within its deadline. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
}

/** The backend's answer is larger than API Gateway hands on. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

class ConnectionWasStale extends Error {
  override readonly name = 'ConnectionWasStale';

  constructor(options: ErrorOptions) {
    super('the backend closed a kept connection as it was used again', options);
  }
}

/** Safe to send twice: a connection that was kept may have been closed just as it was used again. */
const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/**
 * Where an operation's request goes. APPEND_PATH_TO_ADDRESS puts the request's path behind the address;
 * CONSTANT_ADDRESS keeps the address and hands the path's parameters on in the query.
 */
export function backendPath(
  operation: ApiOperation,
  path: string,
  query: string,
  parameters: readonly string[],
): string {
  const { address, pathTranslation } = operation.backend;
  const base = address.pathname.replace(/\/$/, '');
  if (pathTranslation === 'APPEND_PATH_TO_ADDRESS') return withQuery(base + path, [query]);
  const named = operation.parameterNames.map((name, index) => `${name}=${parameters[index]}`);
  return withQuery(address.pathname, [address.search.slice(1), ...named, query]);
}

function withQuery(path: string, parts: readonly string[]): string {
  const query = parts.filter((part) => part !== '').join('&');
  return query === '' ? path : `${path}?${query}`;
}

/**
 * Sends a request and waits for the whole answer: API Gateway does not stream, so nothing built against this may either.
 * Rejects with DeadlineExceeded, AnswerTooLarge, the reason `abort` was given, or the connection's error.
 */
export async function sendToBackend(
  backend: Backend,
  sent: BackendRequest,
  agent: Agent,
  abort: AbortController,
): Promise<BackendAnswer> {
  const timer = setTimeout(() => abort.abort(new DeadlineExceeded()), backend.deadlineMs);
  try {
    return await exchangeOrRepeat(backend, sent, agent, abort.signal);
  } catch (error) {
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

async function exchangeOrRepeat(
  backend: Backend,
  sent: BackendRequest,
  agent: Agent,
  signal: AbortSignal,
): Promise<BackendAnswer> {
  try {
    return await exchange(backend, sent, agent, signal);
  } catch (error) {
    if (!(error instanceof ConnectionWasStale) || !REPEATABLE.has(sent.method)) throw error;
    return exchange(backend, sent, agent, signal);
  }
}

function exchange(
  { address }: Backend,
  { method, path, headers, body }: BackendRequest,
  agent: Agent,
  signal: AbortSignal,
): Promise<BackendAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: address.hostname, port: address.port, agent, method, path, headers, signal });
    outgoing.once('response', (message) => {
      const { statusCode: status = 502, headers } = message;
      collect(message).then(
        (body) => resolve({ status, headers, body }),
        (error: unknown) => {
          outgoing.destroy();
          reject(error instanceof BodyTooLarge ? new AnswerTooLarge() : error);
        },
      );
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      reject(outgoing.reusedSocket && error.code === 'ECONNRESET' ? new ConnectionWasStale({ cause: error }) : error);
    });
    outgoing.end(body);
  });
}
