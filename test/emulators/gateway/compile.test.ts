import test from 'ava';
import { compileApi } from '../../../emulators/gateway/compile.ts';

function documentWith(operation: Record<string, unknown>, more: Record<string, unknown> = {}) {
  return {
    openapi: '3.1.0',
    'x-google-api-management': { backends: { trading: { address: 'http://127.0.0.1:9' } } },
    paths: { '/v1/a': { get: { operationId: 'a', 'x-google-backend': 'trading', ...operation } } },
    ...more,
  };
}

test('a document that refers to nothing missing is taken', (t) => {
  t.notThrows(() => compileApi(documentWith({})));
});

test('a reference that leads nowhere is refused by its name', (t) => {
  t.throws(() => compileApi(documentWith({ 'x-google-backend': 'nope' })), { message: "a: no such backend: 'nope'" });
  t.throws(() => compileApi(documentWith({ security: [{ nope: [] }] })), {
    message: /no such security scheme: 'nope'/,
  });
  t.throws(() => compileApi(documentWith({ 'x-google-quota': { metricCosts: { nope: 1 } } })), {
    message: "a: no such metric: 'nope'",
  });
});

test('a security scheme that API Gateway cannot check is refused', (t) => {
  const withScheme = (scheme: Record<string, unknown>) =>
    documentWith({}, { components: { securitySchemes: { s: scheme } } });
  t.throws(() => compileApi(withScheme({ type: 'http', scheme: 'bearer' })), { message: /needs x-google-auth/ });
  t.throws(() => compileApi(withScheme({ type: 'apiKey', in: 'cookie', name: 'key' })), { message: /x-api-key/ });
  const auth = { issuer: 'https://i.test', jwksUri: 'https://i.test/jwks' };
  t.throws(() => compileApi(withScheme({ type: 'http', 'x-google-auth': auth })), { message: /needs audiences/ });
});

test('OpenAPI 2.0 and documents without backends are refused', (t) => {
  t.throws(() => compileApi({ swagger: '2.0', paths: {} }), { message: /the OpenAPI document is refused/ });
  t.throws(() => compileApi({ openapi: '3.1.0', paths: {} }), { message: /x-google-api-management/ });
});

test('the path of the first server comes before every path', (t) => {
  const { routes } = compileApi(documentWith({}, { servers: [{ url: 'https://api.test/base' }] }));
  t.deepEqual([...routes.literals.keys()], ['base']);
});
