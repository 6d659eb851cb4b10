import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import { createClient } from '../../contracts/client.ts';
import { ConnectionFailed, UnexpectedAnswer } from '../../contracts/client-answer.ts';
import { listLots, regradeLot, removeLot, weighLot } from './sample-contracts.ts';

const LOT = '4a0e9f3c-9c1e-4a53-8d0b-6e2a5b8f9d11';

interface Asked {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Given {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** A server that gives these answers in turn, the last one for ever, and records what it was asked. */
async function server(t: ExecutionContext, ...answers: Given[]): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const http = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url, headers } = request;
    asked.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    response.writeHead(answer?.status ?? 500, answer?.headers);
    response.end(typeof answer?.body === 'string' ? answer.body : JSON.stringify(answer?.body));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.teardown(() => http.close());
  t.teardown(() => http.closeAllConnections());
  const address = http.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, asked };
}

function problem(status: number, code: string, more: object = {}): Given {
  const body = {
    type: `https://millrace.dev/problems/${code}`,
    code,
    title: code,
    status,
    detail: `${code}, alas`,
    ...more,
  };
  return { status, headers: { 'content-type': 'application/problem+json' }, body };
}

const weighed: Given = {
  status: 201,
  headers: { etag: '"3"', traceparent: '00-aa-bb-01' },
  body: { lotId: LOT, version: 3 },
};

test('fields travel in the path, the query and the body, and the output comes back typed', async (t) => {
  const { url, asked } = await server(t, { status: 200, body: { lots: [{ lotId: LOT, weightKg: '217.5' }] } }, weighed);
  const client = createClient(`${url}/`);
  const listed = await client.call(listLots, { warehouse: 'Rotterdam 1', grade: 'A' });
  if (!listed.ok) throw new Error(listed.detail);
  const [lot] = listed.output.lots;
  t.is(lot?.weightKg, '217.5');
  t.is(asked[0]?.url, '/v1/warehouses/Rotterdam%201/lots?grade=A');
  const answer = await client.call(weighLot, { id: LOT, weightKg: '217.5' });
  t.like(answer, { ok: true, output: { lotId: LOT, version: 3 }, version: '3', traceparent: '00-aa-bb-01' });
  t.is(asked[1]?.url, `/v1/lots/${LOT}/weights`);
  t.deepEqual(JSON.parse(asked[1]?.body ?? ''), { weightKg: '217.5' });
});

test('an access token, a renewed access token or an API key says who is calling', async (t) => {
  const { url, asked } = await server(t, { status: 200, body: {} });
  let renewals = 0;
  await createClient(url, { accessToken: 'abc' }).call(removeLot, { id: LOT });
  const renewing = createClient(url, { accessToken: async () => `token-${++renewals}` });
  await renewing.call(removeLot, { id: LOT });
  await renewing.call(removeLot, { id: LOT });
  await createClient(url, { apiKey: 'k' }).call(removeLot, { id: LOT });
  await createClient(url).call(removeLot, { id: LOT });
  t.deepEqual(
    asked.map(({ headers }) => headers.authorization ?? headers['x-api-key']),
    ['Bearer abc', 'Bearer token-1', 'Bearer token-2', 'k', undefined],
  );
});

test('POST has a key of its own unless it is given one, and a change says which version it is based on', async (t) => {
  const { url, asked } = await server(t, weighed, weighed, weighed, { status: 200, body: { version: 4 } });
  const client = createClient(url);
  await client.call(weighLot, { id: LOT, weightKg: '1' });
  await client.call(weighLot, { id: LOT, weightKg: '1' });
  await client.call(weighLot, { id: LOT, weightKg: '1' }, { idempotencyKey: 'mine' });
  await client.call(regradeLot, { id: LOT, grade: 'B' }, { ifMatch: '3', traceparent: '00-cc-dd-01' });
  const [first, second, third, fourth] = asked.map(({ headers }) => headers);
  t.truthy(first?.['idempotency-key']);
  t.not(first?.['idempotency-key'], second?.['idempotency-key']);
  t.is(third?.['idempotency-key'], 'mine');
  t.is(fourth?.['if-match'], '"3"');
  t.is(fourth?.traceparent, '00-cc-dd-01');
});

test('a refusal is an answer with a closed code, every field that does not fit, and the trace', async (t) => {
  const errors = [{ path: 'weightKg', message: 'must be above zero' }];
  const { url } = await server(t, problem(409, 'lot-is-sealed'), problem(400, 'invalid-request', { errors }));
  const client = createClient(url);
  const sealed = await client.call(weighLot, { id: LOT, weightKg: '1' });
  t.like(sealed, { ok: false, problem: 'lot-is-sealed', detail: 'lot-is-sealed, alas', status: 409 });
  const invalid = await client.call(weighLot, { id: LOT, weightKg: '-1' });
  t.like(invalid, { ok: false, problem: 'invalid-request', errors });
});

test("the gateway's own refusals, and those of whatever stands between, have the nearest common code", async (t) => {
  const { url } = await server(
    t,
    { status: 401, body: { code: 401, message: 'Jwt is missing' } },
    { status: 502, body: '<html>Bad Gateway</html>' },
    problem(409, 'a-code-of-a-later-version'),
  );
  const client = createClient(url);
  const call = () => client.call(listLots, { warehouse: 'x' }, { retries: 0 });
  t.like(await call(), { ok: false, problem: 'unauthenticated', detail: 'Jwt is missing', status: 401 });
  t.like(await call(), { ok: false, problem: 'unavailable', status: 502 });
  t.like(await call(), { ok: false, problem: 'conflict', detail: 'a-code-of-a-later-version, alas', status: 409 });
});

test('429 and 503 are tried again with the same key after Retry-After, a bounded number of times', async (t) => {
  const later = { ...problem(503, 'unavailable'), headers: { 'retry-after': '0' } };
  const { url, asked } = await server(t, later, later, weighed);
  t.true((await createClient(url).call(weighLot, { id: LOT, weightKg: '1' })).ok);
  t.is(new Set(asked.map(({ headers }) => headers['idempotency-key'])).size, 1);
  const away = await server(t, later);
  t.like(await createClient(away.url).call(listLots, { warehouse: 'x' }, { retries: 3 }), { ok: false, status: 503 });
  t.is(away.asked.length, 4);
});

test('what is not safe to repeat, or would take too long to wait for, is not tried again', async (t) => {
  const soon = { ...problem(503, 'unavailable'), headers: { 'retry-after': '0' } };
  const deleting = await server(t, soon);
  await createClient(deleting.url).call(removeLot, { id: LOT });
  t.is(deleting.asked.length, 1);
  const muchLater = await server(t, { ...problem(429, 'quota-exceeded'), headers: { 'retry-after': '60' } });
  const answer = await createClient(muchLater.url).call(listLots, { warehouse: 'x' });
  t.like(answer, { problem: 'quota-exceeded', retryAfterSeconds: 60 });
  t.is(muchLater.asked.length, 1);
});

test('no answer, and an answer that is not by the contract, are named errors', async (t) => {
  const { url } = await server(t, { status: 200, body: { lots: 'none' } }, { status: 200, body: 'not JSON' });
  const client = createClient(url);
  await t.throwsAsync(client.call(listLots, { warehouse: 'x' }), { instanceOf: UnexpectedAnswer, message: /lots/ });
  await t.throwsAsync(client.call(listLots, { warehouse: 'x' }), { instanceOf: UnexpectedAnswer });
  const nobody = createClient('http://127.0.0.1:1');
  await t.throwsAsync(nobody.call(listLots, { warehouse: 'x' }), {
    instanceOf: ConnectionFailed,
    message: /GET \/v1\/warehouses\/\{warehouse\}\/lots got no answer from http:\/\/127\.0\.0\.1:1/,
  });
});

test('the compiler knows inputs, outputs and problems', async (t) => {
  const { url } = await server(t, weighed);
  const answer = await createClient(url).call(weighLot, { id: LOT, weightKg: '1' });
  if (answer.ok) {
    const version: number = answer.output.version;
    t.is(version, 3);
    // @ts-expect-error the output has no such field
    t.is(answer.output.weightKg, undefined);
  } else {
    // @ts-expect-error no such problem is declared
    t.false(answer.problem === 'lot-is-lost');
  }
  // @ts-expect-error a required field is missing
  await createClient(url).call(weighLot, { id: LOT });
});
