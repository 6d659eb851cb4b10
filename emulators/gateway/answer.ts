import type { Agent, IncomingMessage, ServerResponse } from 'node:http';
import type { Api, ApiOperation } from './api.ts';
import { authenticate, type Caller } from './authenticate.ts';
import { AnswerTooLarge, type BackendAnswer, backendPath, DeadlineExceeded, sendToBackend } from './backend.ts';
import { BodyTooLarge, readBody } from './body.ts';
import { backendHeaders, endToEnd, traceparentOf } from './headers.ts';
import type { QuotaCounters } from './quota.ts';
import { type Refusal, sendRefusal } from './refusal.ts';
import { matchRoute, type RouteMatch } from './route.ts';

export interface Gateway {
  /** Replaced as a whole on reload. */
  api: Api;
  apiKeys: ReadonlySet<string>;
  quotas: QuotaCounters;
  agent: Agent;
  /** The gateway's own id token for an audience. */
  idToken(audience: string): Promise<string>;
}

interface Target {
  operation: ApiOperation;
  path: string;
  query: string;
  parameters: readonly string[];
}

const NOTHING: ReadonlySet<string> = new Set();

class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** Answers one request; whatever goes wrong becomes the answer that the real gateway would give. */
export async function answerRequest(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const traceparent = traceparentOf(request);
  response.setHeader('traceparent', traceparent);
  try {
    await forward(gateway, request, response, traceparent);
  } catch (error) {
    if (error instanceof ClientGone || response.destroyed) return;
    refuse(request, response, refusalFor(error));
  }
}

async function forward(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
  traceparent: string,
): Promise<void> {
  const { api } = gateway;
  const target = targetOf(api, request);
  if ('code' in target) return refuse(request, response, target);
  const { operation } = target;
  const known = await authenticate(operation, { headers: request.headers, query: target.query }, gateway.apiKeys);
  if (!known.ok) return refuse(request, response, known.refusal);
  const exhausted = gateway.quotas.take(api.quotas, operation, known.caller.apiKey, Date.now());
  if (exhausted !== undefined) return refuse(request, response, exhausted);
  const answer = await ask(gateway, request, response, target, known.caller, traceparent);
  sendAnswer(request, response, answer);
}

function targetOf(api: Api, request: IncomingMessage): Target | Refusal {
  if (request.headers.upgrade !== undefined) return { code: 403, message: 'upgrades are not supported' };
  const { method = 'GET', url = '/' } = request;
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (!isPlainPath(path)) return { code: 400, message: 'Bad Request' };
  const match = matchRoute(api.routes, method, path);
  if (match.kind !== 'operation') return noRoute(match);
  return { operation: match.operation, path, query: mark < 0 ? '' : url.slice(mark + 1), parameters: match.parameters };
}

/** Dots as a parameter would climb out of the backend's address. */
function isPlainPath(path: string): boolean {
  return path.startsWith('/') && !/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path) && !path.includes('\\');
}

function noRoute(match: Exclude<RouteMatch, { kind: 'operation' }>): Refusal {
  if (match.kind === 'unknown') return { code: 404, message: 'The current request is not defined by this API.' };
  return {
    code: 405,
    message: `The current request is matched to the defined url template "${match.template}" but its http method is not allowed`,
    headers: { allow: match.allowed.join(', ') },
  };
}

async function ask(
  gateway: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
  { operation, path, query, parameters }: Target,
  caller: Caller,
  traceparent: string,
): Promise<BackendAnswer> {
  const { backend } = operation;
  const body = await readBody(request);
  const idToken = backend.audience === undefined ? undefined : await gateway.idToken(backend.audience);
  const headers = backendHeaders(request, { host: backend.address.host, idToken, caller, traceparent, body });
  const abort = new AbortController();
  const abandon = () => abort.abort(new ClientGone());
  response.once('close', abandon);
  try {
    const sent = {
      method: request.method ?? 'GET',
      path: backendPath(operation, path, query, parameters),
      headers,
      body,
    };
    return await sendToBackend(backend, sent, gateway.agent, abort);
  } finally {
    response.off('close', abandon);
  }
}

function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: BackendAnswer,
): void {
  const answered = endToEnd(headers, NOTHING);
  const mayHaveBody = request.method !== 'HEAD' && status !== 204 && status !== 304;
  if (mayHaveBody) answered['content-length'] = body.length;
  response.writeHead(status, answered).end(mayHaveBody ? body : undefined);
}

/** What is still coming of the request is read and dropped: closing on a client that sends hides the answer from it. */
function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  request.resume();
  sendRefusal(response, refusal);
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof BodyTooLarge) {
    return { code: 413, message: 'Payload Too Large', headers: { connection: 'close' } };
  }
  if (error instanceof AnswerTooLarge) return { code: 502, message: 'upstream response is too large' };
  if (error instanceof DeadlineExceeded) return { code: 504, message: 'upstream request timeout' };
  const reason = error instanceof Error ? error.message : String(error);
  return { code: 503, message: `upstream connect error or disconnect/reset before headers: ${reason}` };
}
