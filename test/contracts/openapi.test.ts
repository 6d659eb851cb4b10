import test from 'ava';
import { collectContracts } from '../../contracts/collect.ts';
import { type OpenApiOptions, openApiDocument } from '../../contracts/documents/openapi.ts';
import type { ServedOperation } from '../../contracts/documents/served-operation.ts';
import { compileApi } from '../../emulators/gateway/compile.ts';
import { countLots, listLots, regradeLot, removeLot, weighLot } from './sample-contracts.ts';
import { referenceTargets, valueAt } from './value-at.ts';

const OPERATIONS: ServedOperation[] = [
  { contract: weighLot, functionName: 'logistics-weigh-lot' },
  { contract: listLots, functionName: 'logistics-list-lots' },
  { contract: regradeLot, functionName: 'logistics-regrade-lot' },
  { contract: removeLot, functionName: 'logistics-remove-lot' },
  { contract: countLots, functionName: 'logistics-count-lots' },
];

function optionsFor(operations: readonly ServedOperation[]): OpenApiOptions {
  const backends = operations.map(({ functionName }) => [
    functionName,
    { address: `http://127.0.0.1:9000/${functionName}`, deadlineSeconds: 20 },
  ]);
  return {
    operations,
    title: 'Lots',
    version: '1',
    server: 'http://127.0.0.1:8080',
    backends: Object.fromEntries(backends),
    issuer: 'https://identity.test',
    jwksUri: 'http://127.0.0.1:8081/jwks',
    audience: 'lots',
  };
}

const documentOf = (operations: readonly ServedOperation[]) => openApiDocument(optionsFor(operations));
const sample = documentOf(OPERATIONS);

interface Parameter {
  name: string;
  in: string;
  required: boolean;
}

const parametersAt = (path: string, method: string) =>
  valueAt(sample, 'paths', path, method, 'parameters') as Parameter[];

test('the gateway takes the document of all public operations, each with a route, a backend, a quota and its security', async (t) => {
  const { operations } = await collectContracts();
  const document = documentOf(operations);
  t.notThrows(() => compileApi(document));
  const paths = document.paths as Record<string, Record<string, { operationId: string; 'x-google-backend': string }>>;
  const served = Object.values(paths).flatMap((item) => Object.values(item));
  const exposed = operations.filter(({ contract }) => contract.audience === 'public');
  t.true(exposed.length > 0);
  t.deepEqual(
    served.map((each) => each['x-google-backend']).sort(),
    exposed.map(({ functionName }) => functionName).sort(),
  );
  t.is(new Set(served.map(({ operationId }) => operationId)).size, exposed.length);
  t.true(served.every(({ operationId }) => /^[a-zA-Z][a-zA-Z0-9]*$/.test(operationId)));
});

test('every reference within the document leads somewhere', async (t) => {
  const { operations } = await collectContracts();
  const targets = referenceTargets(documentOf(operations));
  t.true(targets.size > 0);
  for (const [reference, target] of targets) t.truthy(target, reference);
});

test('internal operations are not in it', (t) => {
  t.false(JSON.stringify(sample).includes('count'));
});

test('the same operations give the same bytes in whatever order they come', (t) => {
  t.is(JSON.stringify(sample), JSON.stringify(documentOf(OPERATIONS.toReversed())));
});

test('fields of the input are path parameters, query parameters or the body, as they travel', (t) => {
  t.like(parametersAt('/v1/warehouses/{warehouse}/lots', 'get'), [
    { name: 'warehouse', in: 'path', required: true },
    { name: 'grade', in: 'query', required: false, schema: { enum: ['A', 'B'] } },
    { name: 'limit', in: 'query', required: false, schema: { type: 'integer', default: 50 } },
  ]);
  t.is(valueAt(sample, 'paths', '/v1/warehouses/{warehouse}/lots', 'get', 'requestBody'), undefined);
  const body = valueAt(sample, 'paths', '/v1/lots/{id}/weights', 'post', 'requestBody', 'content', 'application/json');
  t.deepEqual(Object.keys(valueAt(body, 'schema', 'properties') as object), ['weightKg', 'tareKg']);
  t.deepEqual(valueAt(body, 'schema', 'required'), ['weightKg']);
  t.false(valueAt(body, 'schema', 'additionalProperties'));
});

test('POST and PUT take an Idempotency-Key, If-Match where versions matter, and answer an ETag', (t) => {
  const headers = (path: string, method: string) =>
    parametersAt(path, method)
      .filter((each) => each.in === 'header')
      .map(({ name, required }) => [name, required]);
  t.deepEqual(headers('/v1/lots/{id}/weights', 'post'), [['Idempotency-Key', false]]);
  t.deepEqual(headers('/v1/lots/{id}/grade', 'put'), [
    ['Idempotency-Key', false],
    ['If-Match', true],
  ]);
  t.deepEqual(headers('/v1/lots/{id}', 'delete'), []);
  t.truthy(valueAt(sample, 'paths', '/v1/lots/{id}/grade', 'put', 'responses', 200, 'headers', 'ETag'));
  const listed = valueAt(sample, 'paths', '/v1/warehouses/{warehouse}/lots', 'get', 'responses', 200, 'headers');
  t.deepEqual(Object.keys(listed as object), ['traceparent']);
});

test('each status of failure lists the closed codes of that operation', (t) => {
  const codes = (path: string, method: string, status: number) => {
    const reference = valueAt(sample, 'paths', path, method, 'responses', status, '$ref');
    const name = String(reference).split('/').at(-1) ?? '';
    const content = valueAt(sample, 'components', 'responses', name, 'content', 'application/problem+json');
    return valueAt(content, 'schema', 'allOf', 1, 'properties', 'code', 'enum');
  };
  t.deepEqual(codes('/v1/lots/{id}/weights', 'post', 409), ['lot-is-sealed']);
  t.deepEqual(codes('/v1/lots/{id}/weights', 'post', 422), ['idempotency-key-reused']);
  t.deepEqual(codes('/v1/lots/{id}/weights', 'post', 403), ['forbidden']);
  t.is(codes('/v1/lots/{id}', 'delete', 401), undefined);
  t.is(codes('/v1/lots/{id}', 'delete', 403), undefined);
});

test('who may call decides the security, and the token is verified by issuer, keys and audience', (t) => {
  t.deepEqual(valueAt(sample, 'paths', '/v1/lots/{id}', 'delete', 'security'), []);
  t.deepEqual(valueAt(sample, 'paths', '/v1/lots/{id}/grade', 'put', 'security'), [{ accessToken: [] }]);
  t.deepEqual(valueAt(sample, 'components', 'securitySchemes', 'accessToken', 'x-google-auth'), {
    issuer: 'https://identity.test',
    jwksUri: 'http://127.0.0.1:8081/jwks',
    audiences: ['lots'],
  });
});

test('answers leave room for fields that come later', (t) => {
  const answer = valueAt(sample, 'paths', '/v1/lots/{id}/weights', 'post', 'responses', 201, 'content');
  t.is(valueAt(answer, 'application/json', 'schema', 'additionalProperties'), undefined);
  t.deepEqual(valueAt(answer, 'application/json', 'schema', 'required'), ['lotId', 'version']);
});

test('a function without a backend, and two operations of one name, are refused', (t) => {
  t.throws(() => openApiDocument({ ...optionsFor(OPERATIONS), backends: {} }), {
    message: /no backend is given for logistics-/,
  });
  t.throws(
    () =>
      openApiDocument(
        optionsFor([
          { contract: listLots, functionName: 'logistics-lots' },
          { contract: weighLot, functionName: 'logistics-lots' },
        ]),
      ),
    { message: 'two operations would be called logisticsLots' },
  );
});
