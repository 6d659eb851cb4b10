import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Caller } from './authenticate.ts';

/** They concern one connection only (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Only the gateway may say these; from a client they would be a forged identity. */
const GATEWAY_ONLY = new Set([
  'x-apigateway-api-userinfo',
  'x-endpoint-api-userinfo',
  'x-forwarded-authorization',
  'x-forwarded-proto',
]);

const TRACEPARENT = /^[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** The request's trace context (W3C), or a new sampled one where it has none that is valid. */
export function traceparentOf(request: IncomingMessage): string {
  const given = request.headers.traceparent;
  if (typeof given === 'string' && TRACEPARENT.test(given)) return given;
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

/** What the backend is sent: the client's headers, the verified claims, and the gateway's own id token in place of the client's. */
export function backendHeaders(
  request: IncomingMessage,
  to: { host: string; idToken: string | undefined; caller: Caller; traceparent: string; body: Buffer | undefined },
): OutgoingHttpHeaders {
  const headers = endToEnd(request.headers, GATEWAY_ONLY);
  headers.host = to.host;
  headers.traceparent = to.traceparent;
  headers['x-forwarded-for'] = [request.headers['x-forwarded-for'], request.socket.remoteAddress]
    .filter((address) => address !== undefined)
    .join(', ');
  headers['x-forwarded-proto'] = 'http';
  if (to.caller.userinfo !== undefined) headers['x-apigateway-api-userinfo'] = to.caller.userinfo;
  if (to.idToken !== undefined) {
    if (request.headers.authorization !== undefined) {
      headers['x-forwarded-authorization'] = request.headers.authorization;
    }
    headers.authorization = `Bearer ${to.idToken}`;
  }
  if (to.body !== undefined) headers['content-length'] = to.body.length;
  return headers;
}

/** Headers without those that belong to the connection they came by, those it names itself included. */
export function endToEnd(headers: IncomingHttpHeaders, without: ReadonlySet<string>): OutgoingHttpHeaders {
  const named = headers.connection?.toLowerCase().split(/\s*,\s*/) ?? [];
  const kept: OutgoingHttpHeaders = {};
  for (const name in headers) {
    if (!HOP_BY_HOP.has(name) && !without.has(name) && !named.includes(name)) kept[name] = headers[name];
  }
  return kept;
}
