import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import test from 'ava';
import * as jose from 'jose';
import { type GatewayServer, startGateway } from '../../../emulators/gateway/server.ts';
import { type IdentityServer, startIdentity } from '../../../emulators/identity/server.ts';
import { verifyIdToken } from '../../../emulators/identity/verify-id-token.ts';

const GATEWAY_ACCOUNT = 'gateway@millrace-local.iam.gserviceaccount.com';
const ISSUER = 'https://identity.millrace.test';
const NOW = Math.floor(Date.now() / 1000);

/** What the backend saw of a request. */
interface Seen {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

let folder = '';
let identity: IdentityServer;
let backend: Server;
let backendUrl = '';
let gateway: GatewayServer;
let jwks: Server;
let signer: Awaited<ReturnType<typeof newSigner>>;

test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  identity = await startIdentity({ port: 0, dataDir: folder, projectId: 'p', serviceAccounts: [GATEWAY_ACCOUNT] });
  backend = await serve(async (incoming, response) => {
    const url = incoming.url ?? '';
    if (url.includes('/slow')) return;
    if (url.includes('/broken')) return incoming.socket.destroy();
    const body = (await buffer(incoming)).toString();
    response.setHeader('x-backend', 'yes');
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.writeHead(url.includes('/created') ? 201 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ method: incoming.method, url, headers: incoming.headers, body }));
  });
  backendUrl = urlOf(backend);
  signer = await newSigner('k1');
  jwks = await serve((_, response) => response.end(JSON.stringify({ keys: [signer.jwk] })));
  gateway = await startGateway({
    port: 0,
    openapi: documentFor(),
    identityUrl: identity.issuer,
    serviceAccount: GATEWAY_ACCOUNT,
    apiKeys: ['key-1'],
  });
});

test.after.always(async () => {
  await gateway.close();
  await identity.close();
  for (const server of [backend, jwks]) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true });
});

async function serve(listener: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function newSigner(kid: string) {
  const { publicKey, privateKey } = await jose.generateKeyPair('RS256');
  return {
    jwk: { ...(await jose.exportJWK(publicKey)), kid, alg: 'RS256' },
    sign: (claims: Record<string, unknown> = {}) =>
      new jose.SignJWT({ iss: ISSUER, aud: 'millrace', sub: 'user-1', org: 'tenant-1', exp: NOW + 600, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid })
        .sign(privateKey),
  };
}

function documentFor(): Record<string, unknown> {
  const operation = (operationId: string, more: Record<string, unknown> = {}) => ({
    operationId,
    responses: { 200: { description: 'ok' } },
    ...more,
  });
  return {
    openapi: '3.1.0',
    info: { title: 'Millrace', version: '1' },
    servers: [{ url: 'https://api.millrace.test' }],
    security: [{ user: [] }],
    'x-google-backend': 'trading',
    'x-google-api-management': {
      backends: {
        trading: { address: `${backendUrl}/trading`, deadline: 5, pathTranslation: 'APPEND_PATH_TO_ADDRESS' },
        hurried: { address: `${backendUrl}/hurried`, deadline: 0.05, jwtAudience: 'https://hurried.test' },
        fixed: { address: `${backendUrl}/fixed/place`, pathTranslation: 'CONSTANT_ADDRESS', disableAuth: true },
        gone: { address: 'http://127.0.0.1:1' },
      },
      metrics: { 'partner-requests': { displayName: 'Partner requests' } },
      quota: { limits: { 'partner-limit': { metric: 'partner-requests', values: 2 } } },
    },
    components: {
      securitySchemes: {
        user: {
          type: 'openIdConnect',
          openIdConnectUrl: `${ISSUER}/.well-known/openid-configuration`,
          'x-google-auth': { issuer: ISSUER, jwksUri: urlOf(jwks), audiences: ['millrace'] },
        },
        partner: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
    paths: {
      '/v1/requirements': {
        get: operation('list'),
        post: operation('create', { 'x-google-backend': 'trading' }),
      },
      '/v1/requirements/{id}/matches': { get: operation('matches') },
      '/v1/public/{name}': { get: operation('public', { security: [] }) },
      '/v1/slow': { get: operation('slow', { 'x-google-backend': 'hurried', security: [] }) },
      '/v1/fixed/{id}': { get: operation('fixed', { 'x-google-backend': 'fixed', security: [] }) },
      '/v1/gone': { get: operation('gone', { 'x-google-backend': 'gone', security: [] }) },
      '/v1/broken': { get: operation('broken', { security: [] }) },
      '/v1/partner': {
        get: operation('partner', {
          security: [{ partner: [] }],
          'x-google-quota': { metricCosts: { 'partner-requests': 1 } },
        }),
      },
      '/v1/either': { get: operation('either', { security: [{ user: [] }, { partner: [] }] }) },
    },
  };
}

async function ask(path: string, init: RequestInit = {}) {
  const answer = await fetch(`http://127.0.0.1:${gateway.port}${path}`, init);
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, seen: parse(text) };
}

function parse(text: string): Seen & { message: string } {
  return text.startsWith('{') ? JSON.parse(text) : { method: '', url: '', headers: {}, body: text, message: '' };
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

test('a request goes to its backend with path, query and body, and the answer comes back as it was', async (t) => {
  const token = await signer.sign();
  const answer = await ask('/v1/requirements?commodity=CT&created=%2Fcreated', {
    method: 'POST',
    body: '{"quantity":"10"}',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'k' },
  });
  t.is(answer.status, 200);
  t.is(answer.headers.get('x-backend'), 'yes');
  t.deepEqual(answer.headers.getSetCookie(), ['a=1', 'b=2']);
  t.is(answer.seen.method, 'POST');
  t.is(answer.seen.url, '/trading/v1/requirements?commodity=CT&created=%2Fcreated');
  t.is(answer.seen.body, '{"quantity":"10"}');
  t.is(answer.seen.headers['idempotency-key'], 'k');
  t.is(answer.seen.headers.host, new URL(backendUrl).host);
});

test('the backend gets the verified claims, the gateway as caller, and the original authorization beside', async (t) => {
  const token = await signer.sign({ roles: ['buyer'] });
  const { seen } = await ask('/v1/requirements', bearer(token));
  const userinfo = JSON.parse(Buffer.from(String(seen.headers['x-apigateway-api-userinfo']), 'base64url').toString());
  t.like(userinfo, { sub: 'user-1', org: 'tenant-1', roles: ['buyer'] });
  t.is(seen.headers['x-forwarded-authorization'], `Bearer ${token}`);
  const rules = { jwksUrl: identity.jwksUrl, issuer: identity.issuer, audience: `${backendUrl}/trading` };
  const own = await verifyIdToken(String(seen.headers.authorization).replace('Bearer ', ''), rules);
  t.is(own.email, GATEWAY_ACCOUNT);
});

test('claims that a client makes up do not get through', async (t) => {
  const headers = { 'x-apigateway-api-userinfo': 'Zm9yZ2Vk', 'x-forwarded-authorization': 'Bearer forged' };
  const { status, seen } = await ask('/v1/public/prices', { headers });
  t.is(status, 200);
  t.is(seen.headers['x-apigateway-api-userinfo'], undefined);
  t.is(seen.headers['x-forwarded-authorization'], undefined);
});

test('every kind of bad token is 401 and says which', async (t) => {
  const stranger = await newSigner(String(signer.jwk.kid));
  const refusal = async (token: string | undefined) => {
    const { status, seen } = await ask('/v1/requirements', token === undefined ? {} : bearer(token));
    return [status, seen.message];
  };
  t.deepEqual(await refusal(undefined), [401, 'Jwt is missing']);
  t.deepEqual(await refusal(await stranger.sign()), [401, 'Jwt verification fails']);
  t.deepEqual(await refusal(await signer.sign({ exp: NOW - 3600 })), [401, 'Jwt is expired']);
  t.deepEqual(await refusal(await signer.sign({ iss: 'https://elsewhere.test' })), [
    401,
    'Jwt issuer is not configured',
  ]);
  t.deepEqual(await refusal(await signer.sign({ aud: 'another' })), [403, 'Audiences in Jwt are not allowed']);
  t.is((await refusal('nonsense'))[0], 401);
});

test.serial('a token signed by a key that came later is accepted', async (t) => {
  await ask('/v1/requirements', bearer(await signer.sign()));
  signer = await newSigner('k2');
  t.is((await ask('/v1/requirements', bearer(await signer.sign()))).status, 200);
});

test('an unknown path is 404 and a wrong method 405, without asking for a token', async (t) => {
  t.is((await ask('/v1/nothing')).status, 404);
  t.is((await ask('/v1/Requirements')).status, 404);
  const wrong = await ask('/v1/requirements', { method: 'DELETE' });
  t.is(wrong.status, 405);
  t.is(wrong.headers.get('allow'), 'GET, POST');
  t.is(wrong.headers.get('content-type'), 'application/json');
});

test('dots in a path cannot climb out of a backend', async (t) => {
  for (const path of ['/v1/public/..', '/v1/public/%2e%2E', '/v1/public/.']) {
    const status = await new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port: gateway.port, path })
        .on('response', (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    t.is(status, 400, path);
  }
});

test('a constant address keeps its path and takes parameters in the query; no identity is added where the document says so', async (t) => {
  const { seen } = await ask('/v1/fixed/42?page=2', bearer('kept-as-it-is'));
  t.is(seen.url, '/fixed/place?id=42&page=2');
  t.is(seen.headers.authorization, 'Bearer kept-as-it-is');
});

test('a backend that is down is 503, one that breaks off 503, one that is late 504', async (t) => {
  t.is((await ask('/v1/gone')).status, 503);
  t.is((await ask('/v1/broken')).status, 503);
  t.is((await ask('/v1/slow')).status, 504);
});

test('more than 32 MB is 413, whether or not its length is stated', async (t) => {
  const init = { method: 'POST', ...bearer(await signer.sign()) };
  const piece = new Uint8Array(1024 * 1024);
  t.is((await ask('/v1/requirements', { ...init, body: new Uint8Array(33 * 1024 * 1024) })).status, 413);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => (sent++ < 33 ? controller.enqueue(piece) : controller.close()),
  });
  t.is((await ask('/v1/requirements', { ...init, body, duplex: 'half' } as RequestInit)).status, 413);
});

test.serial(
  'an API key is asked for where the document wants one, and its quota is 429 with Retry-After',
  async (t) => {
    t.is((await ask('/v1/partner')).status, 401);
    t.is((await ask('/v1/partner', { headers: { 'x-api-key': 'wrong' } })).status, 400);
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await ask('/v1/partner', { headers: { 'x-api-key': 'key-1' } }));
    const refused = answers.filter((answer) => answer.status === 429);
    t.true(refused.length > 0, 'of five, at least one is over a limit of two even where a minute ends between them');
    t.regex(refused[0]?.headers.get('retry-after') ?? '', /^\d+$/);
  },
);

test('either of two credentials is enough, and a bad one says more than a missing one', async (t) => {
  t.is((await ask('/v1/either', { headers: { 'x-api-key': 'key-1' } })).status, 200);
  t.is((await ask('/v1/either', bearer(await signer.sign()))).status, 200);
  t.is((await ask('/v1/either', { headers: { 'x-api-key': 'wrong' } })).status, 400);
  t.is((await ask('/v1/either')).status, 401);
});

test('a trace goes on, and one is begun where there is none', async (t) => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const going = await ask('/v1/public/prices', { headers: { traceparent } });
  t.is(going.seen.headers.traceparent, traceparent);
  const begun = await ask('/v1/public/prices', { headers: { traceparent: 'nonsense' } });
  t.regex(String(begun.seen.headers.traceparent), /^00-[\da-f]{32}-[\da-f]{16}-01$/);
  t.is(begun.headers.get('traceparent'), String(begun.seen.headers.traceparent));
});

test('an upgrade is refused', async (t) => {
  const status = await new Promise((resolve, reject) => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };
    request({ host: '127.0.0.1', port: gateway.port, path: '/v1/public/prices', headers })
      .on('response', (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  t.is(status, 403);
});

test.serial('a reload serves the new document, and a bad one changes nothing', async (t) => {
  const changed = structuredClone(documentFor()) as { paths: Record<string, unknown> };
  changed.paths['/v1/added'] = { get: { operationId: 'added', security: [] } };
  gateway.methods.reload({ openapi: changed });
  t.is((await ask('/v1/added')).status, 200);
  t.throws(() => gateway.methods.reload({ openapi: { openapi: '3.1.0' } }), {
    message: /the OpenAPI document is refused/,
  });
  t.is((await ask('/v1/added')).status, 200);
});
