import { join } from 'node:path';
import test from 'ava';
import { collectManifest, contextsOf, eventsEmittedBy, eventsOf, type Manifest } from '#core/manifest.ts';
import { functionsCalledBy, problemsOf } from '#core/manifest-problems.ts';
import type { HttpFunction } from '../../functions/core/function.ts';
import placeOrder from './fixtures/functions/shop/place-order.ts';
import getStock from './fixtures/functions/stock/get-stock.ts';

const FUNCTIONS = join(import.meta.dirname, 'fixtures', 'functions');

const without = (manifest: Manifest, ...names: string[]): Manifest => ({
  ...manifest,
  functions: manifest.functions.filter(({ name }) => !names.includes(name)),
});

test('the manifest is a value: every declaration under its context and file, in order, and nothing else', async (t) => {
  const manifest = await collectManifest(FUNCTIONS);
  t.deepEqual(
    manifest.functions.map(({ name, context, file }) => ({ name, context, file })),
    [
      { name: 'shop-place-order', context: 'shop', file: 'place-order' },
      { name: 'shop-sweep', context: 'shop', file: 'sweep' },
      { name: 'stock-count', context: 'stock', file: 'count' },
      { name: 'stock-get-stock', context: 'stock', file: 'get-stock' },
      { name: 'stock-on-order-placed', context: 'stock', file: 'on-order-placed' },
    ],
  );
  t.is(manifest.functions[0]?.declaration, placeOrder);
  t.deepEqual(manifest, await collectManifest(FUNCTIONS));
  t.deepEqual(contextsOf(manifest), ['shop', 'stock']);
});

test('a consumer may publish that it has parked an event, without saying so', async (t) => {
  const manifest = await collectManifest(FUNCTIONS);
  const emitted = Object.fromEntries(
    manifest.functions.map((entry) => [entry.name, eventsEmittedBy(entry).map(({ topic }) => topic)]),
  );
  t.deepEqual(emitted, {
    'shop-place-order': ['shop.order.placed.v1'],
    'shop-sweep': [],
    'stock-count': ['stock.count.taken.v2'],
    'stock-get-stock': [],
    'stock-on-order-placed': ['platform.event.parked.v1'],
  });
  t.deepEqual(
    eventsOf(manifest).map(({ topic }) => topic),
    ['platform.event.parked.v1', 'shop.order.placed.v1', 'stock.count.taken.v2'],
  );
});

test('a call leads to the function behind the operation', async (t) => {
  const manifest = await collectManifest(FUNCTIONS);
  const [caller] = manifest.functions;
  t.truthy(caller);
  if (caller === undefined) return;
  t.deepEqual(functionsCalledBy(manifest, caller), { 'GET /internal/stock/{article}': 'stock-get-stock' });
});

test('events with one side and a context without a sweep are listed', async (t) => {
  t.deepEqual(problemsOf(await collectManifest(FUNCTIONS)), [
    { kind: 'event-nobody-consumes', topic: 'platform.event.parked.v1' },
    { kind: 'event-nobody-consumes', topic: 'stock.count.taken.v2' },
    { kind: 'outbox-not-swept', context: 'stock' },
  ]);
});

test('a consumer whose producer is gone, and a caller whose callee is, are listed', async (t) => {
  const manifest = await collectManifest(FUNCTIONS);
  t.deepEqual(problemsOf(without(manifest, 'shop-place-order', 'stock-count')), [
    { kind: 'event-nobody-consumes', topic: 'platform.event.parked.v1' },
    { kind: 'event-nobody-publishes', topic: 'shop.order.placed.v1', consumers: ['stock-on-order-placed'] },
    { kind: 'outbox-not-swept', context: 'stock' },
  ]);
  const uncalled = problemsOf(without(manifest, 'stock-get-stock', 'stock-on-order-placed', 'stock-count'));
  t.deepEqual(
    uncalled.filter(({ kind }) => kind === 'call-nobody-answers'),
    [{ kind: 'call-nobody-answers', operation: 'GET /internal/stock/{article}', callers: ['shop-place-order'] }],
  );
});

test('two functions on one route are found, whatever they call the parameters', async (t) => {
  const manifest = await collectManifest(FUNCTIONS);
  const contract = { ...getStock.contract, path: '/internal/stock/{piece}' };
  const twin = { ...getStock, contract } as HttpFunction;
  const functions = [...manifest.functions, { name: 'shop-twin', context: 'shop', file: 'twin', declaration: twin }];
  t.deepEqual(
    problemsOf({ ...manifest, functions }).filter(({ kind }) => kind === 'route-declared-twice'),
    [{ kind: 'route-declared-twice', route: 'GET /internal/stock/{}', functions: ['stock-get-stock', 'shop-twin'] }],
  );
});

test('functions that wait for each other are found once', async (t) => {
  const manifest = await collectManifest(FUNCTIONS);
  const functions = manifest.functions.map((entry) =>
    entry.name === 'stock-get-stock'
      ? {
          ...entry,
          declaration: { ...getStock, deployment: { calls: [placeOrder.contract] } } as HttpFunction,
        }
      : entry,
  );
  t.deepEqual(
    problemsOf({ ...manifest, functions }).filter(({ kind }) => kind === 'calls-form-a-cycle'),
    [{ kind: 'calls-form-a-cycle', functions: ['shop-place-order', 'stock-get-stock'] }],
  );
});

test('a file that cannot be imported is named', async (t) => {
  const error = await t.throwsAsync(collectManifest(join(import.meta.dirname, 'fixtures', 'broken')));
  t.regex(error.message, /broken\/shop\/misspelt\.ts cannot be imported: .*nowhere/);
});
