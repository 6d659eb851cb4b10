import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { startVenue } from '../../../emulators/venue/server.ts';
import { bar, crude, orderTerms } from './fixtures.ts';
import { client } from './venue-client.ts';

interface Context {
  directory: string;
  venue: Awaited<ReturnType<typeof startVenue>>;
  call: ReturnType<typeof client>;
}

const test = anyTest as TestFn<Context>;

test.beforeEach(async (t) => {
  t.context.directory = mkdtempSync(join(tmpdir(), 'venue-'));
  t.context.venue = await startVenue({ directory: t.context.directory, windowBars: 4 });
  t.context.call = client(t.context.venue.port);
  await t.context.call('PUT', '/v1/instruments/CL', crude());
});

test.afterEach.always(async (t) => {
  await t.context.venue.close();
  rmSync(t.context.directory, { recursive: true });
});

const barOf = (...parameters: Parameters<typeof bar>) => ({ instrument: 'CL', ...bar(...parameters) });

test('an order sent again is answered as the order that it is, and traded once', async (t) => {
  const { call } = t.context;
  const first = await call('POST', '/v1/orders', orderTerms());
  t.is(first.status, 201);
  t.like(first.body, { order: { status: 'WORKING', filledQuantity: '0', remainingQuantity: '1', executions: [] } });
  const again = await call('POST', '/v1/orders', orderTerms({ quantity: '1.0' }));
  t.is(again.status, 200);
  t.deepEqual(again.body, first.body);

  const traded = await call('POST', '/v1/bars', barOf(1, '50'));
  t.like(traded.body, { executions: [{ clientOrderId: 'one', price: '50.01' }] });
  const afterwards = await call('POST', '/v1/orders', orderTerms());
  t.like(afterwards.body, { order: { status: 'FILLED', executions: [{ executionId: 'CL:1:1' }] } });
});

test('an id with other content is refused with 409, and another account may use it', async (t) => {
  const { call } = t.context;
  await call('POST', '/v1/orders', orderTerms());
  const reused = await call('POST', '/v1/orders', orderTerms({ quantity: '2' }));
  t.is(reused.status, 409);
  t.is(reused.contentType, 'application/problem+json');
  t.like(reused.body, { code: 'client-order-id-reused', status: 409 });
  t.is((await call('POST', '/v1/orders', orderTerms({ account: 'beta' }))).status, 201);
});

test('a rejection is an answer that stays, whatever is configured later', async (t) => {
  const { call } = t.context;
  const order = orderTerms({ instrument: 'NG' });
  const rejected = await call('POST', '/v1/orders', order);
  t.like(rejected.body, { order: { status: 'REJECTED', rejectReason: 'unknown-instrument' } });
  await call('PUT', '/v1/instruments/NG', crude());
  t.deepEqual((await call('POST', '/v1/orders', order)).body, rejected.body);
});

test('an order is found by its client id, and one that never came is 404', async (t) => {
  const { call } = t.context;
  const order = orderTerms({ account: 'a/b ü', clientOrderId: 'x?y#z' });
  await call('POST', '/v1/orders', order);
  const path = `/v1/orders/${encodeURIComponent('a/b ü')}/${encodeURIComponent('x?y#z')}`;
  t.like((await call('GET', path)).body, { order: { ...order, status: 'WORKING' } });
  const unknown = await call('GET', '/v1/orders/alpha/never');
  t.is(unknown.status, 404);
  t.like(unknown.body, { code: 'not-found' });
});

test('a cancel ends what is left, says so again when repeated, and changes nothing that has ended', async (t) => {
  const { call } = t.context;
  await call('PUT', '/v1/instruments/CL', crude({ levels: 1 }));
  await call('POST', '/v1/orders', orderTerms({ quantity: '12' }));
  await call('POST', '/v1/orders', orderTerms({ clientOrderId: 'two', side: 'SELL' }));
  await call('POST', '/v1/bars', barOf(1, '50'));
  const cancelled = await call('POST', '/v1/orders/alpha/one/cancel');
  t.like(cancelled.body, { order: { status: 'CANCELLED', filledQuantity: '11', remainingQuantity: '1' } });
  t.deepEqual((await call('POST', '/v1/orders/alpha/one/cancel')).body, cancelled.body);
  t.like((await call('POST', '/v1/orders/alpha/two/cancel')).body, { order: { status: 'FILLED' } });
  t.is((await call('POST', '/v1/orders/alpha/never/cancel')).status, 404);
  t.like((await call('POST', '/v1/bars', barOf(2, '50'))).body, { executions: [] });
});

test('a repeated bar is answered as the first time, and one that comes after a newer one is not used', async (t) => {
  const { call } = t.context;
  await call('POST', '/v1/orders', orderTerms());
  const first = await call('POST', '/v1/bars', barOf(2, '50'));
  await call('POST', '/v1/bars', barOf(3, '60'));
  await call('POST', '/v1/orders', orderTerms({ clientOrderId: 'two' }));
  t.deepEqual((await call('POST', '/v1/bars', barOf(2, '50'))).body, first.body);
  t.deepEqual((await call('POST', '/v1/bars', barOf(3, '60'))).body, { executions: [], expired: [] });
  const tooOld = await call('POST', '/v1/bars', barOf(1, '50'));
  t.like(tooOld.body, { executions: [], expired: [], note: 'bar 1 of CL came after a newer one and was not used' });
});

test('answers to bars are kept for a window of bars', async (t) => {
  const { call } = t.context;
  await call('POST', '/v1/orders', orderTerms());
  await call('POST', '/v1/bars', barOf(1, '50'));
  for (const sequence of [2, 3, 4, 5, 6, 7, 8, 9]) await call('POST', '/v1/bars', barOf(sequence, '50'));
  t.true('note' in (await call('POST', '/v1/bars', barOf(1, '50'))).body);
  t.deepEqual((await call('POST', '/v1/bars', barOf(6, '50'))).body, { executions: [], expired: [] });
});

test('executions and orders are listed in order, page by page', async (t) => {
  const { call } = t.context;
  for (const n of [1, 2, 3]) await call('POST', '/v1/orders', orderTerms({ clientOrderId: `order-${n}` }));
  await call('POST', '/v1/orders', orderTerms({ account: 'beta' }));
  await call('POST', '/v1/bars', barOf(1, '50'));
  const ids = (page: { executions: { clientOrderId: string }[] }) => page.executions.map((each) => each.clientOrderId);

  const { body: first } = await call('GET', '/v1/executions?account=alpha&limit=2');
  t.deepEqual(ids(first), ['order-1', 'order-2']);
  const { body: second } = await call('GET', `/v1/executions?account=alpha&limit=2&after=${first.next}`);
  t.deepEqual(ids(second), ['order-3']);
  t.deepEqual(ids((await call('GET', `/v1/executions?account=alpha&after=${second.next}`)).body), []);
  t.is((await call('GET', '/v1/executions')).body.executions.length, 4);

  t.is((await call('GET', '/v1/orders?account=alpha&instrument=CL')).body.orders.length, 3);
  t.is((await call('GET', '/v1/orders?status=WORKING')).body.orders.length, 0);
});

test('configuration is data: it is listed, and a field that does not fit is named', async (t) => {
  const { call } = t.context;
  t.deepEqual((await call('GET', '/v1/instruments')).body, { instruments: [{ id: 'CL', ...crude() }] });
  const refused = await call('PUT', '/v1/instruments/CL', crude({ tickSize: '0' }));
  t.is(refused.status, 400);
  t.like(refused.body, { code: 'invalid-request', errors: [{ path: 'tickSize' }] });
});

const BAD_REQUESTS = [
  ['POST', '/v1/orders', { ...orderTerms(), quantity: 1 }, 400],
  ['POST', '/v1/orders', { ...orderTerms(), more: true }, 400],
  ['POST', '/v1/orders', orderTerms({ account: 'a\nb' }), 400],
  ['POST', '/v1/orders', undefined, 400],
  ['POST', '/v1/bars', barOf(1, '50 49 48 48'), 400],
  ['POST', '/v1/bars', { ...barOf(1, '50'), instrument: 'ZZ' }, 404],
  ['GET', '/v1/orders?limit=0', undefined, 400],
  ['GET', '/v1/orders/%E0%A4%A/x', undefined, 400],
  ['GET', '/v1/nothing', undefined, 404],
  ['DELETE', '/v1/orders', undefined, 405],
  ['POST', '/v1/orders', { ...orderTerms(), clientOrderId: 'x'.repeat(70_000) }, 413],
] as const;

for (const [method, path, body, status] of BAD_REQUESTS) {
  test(`${method} ${path} with ${JSON.stringify(body)?.slice(0, 120)} answers ${status}`, async (t) => {
    const answered = await t.context.call(method, path, body);
    t.is(answered.status, status);
    t.is(answered.contentType, 'application/problem+json');
  });
}

test('it says that it is well', async (t) => {
  t.deepEqual((await t.context.call('GET', '/healthz')).body, { status: 'ok' });
});

test('everything is there after a restart', async (t) => {
  const { call, directory } = t.context;
  await call('POST', '/v1/orders', orderTerms());
  await call('POST', '/v1/orders', orderTerms({ clientOrderId: 'two', type: 'LIMIT', limitPrice: '40' }));
  const traded = await call('POST', '/v1/bars', barOf(1, '50'));
  const orders = await call('GET', '/v1/orders');
  await t.context.venue.close();
  t.context.venue = await startVenue({ directory, windowBars: 4 });
  const again = client(t.context.venue.port);
  t.deepEqual((await again('GET', '/v1/orders')).body, orders.body);
  t.deepEqual((await again('POST', '/v1/bars', barOf(1, '50'))).body, traded.body);
  t.like((await again('POST', '/v1/bars', barOf(2, '39'))).body, {
    executions: [{ clientOrderId: 'two', price: '39' }],
  });
});

test('a taken port is one clear line, and the book behind it is left alone', async (t) => {
  const { port } = t.context.venue;
  await t.throwsAsync(startVenue({ directory: t.context.directory, port }), {
    message: `port ${port} is taken: stop what uses it or pass --venue-port`,
  });
});
