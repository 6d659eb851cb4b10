import test from 'ava';
import fc from 'fast-check';
import type { ApiOperation } from '../../../emulators/gateway/api.ts';
import { addRoute, matchRoute, newRouteNode, parameterNames } from '../../../emulators/gateway/route.ts';

function operation(template: string): ApiOperation {
  const address = new URL('http://127.0.0.1:1');
  const backend = {
    name: 'b',
    address,
    audience: undefined,
    deadlineMs: 1,
    pathTranslation: 'CONSTANT_ADDRESS' as const,
  };
  return { id: template, template, parameterNames: parameterNames(template), backend, security: [], costs: [] };
}

function routesOf(...templates: string[]) {
  const root = newRouteNode();
  for (const template of templates) addRoute(root, 'GET', operation(template));
  return root;
}

test('text is preferred to a parameter, and given up where it leads nowhere', (t) => {
  const root = routesOf('/v1/orders/open', '/v1/orders/{id}', '/v1/{kind}/open/lines');
  const found = (path: string) => {
    const match = matchRoute(root, 'GET', path);
    return match.kind === 'operation' ? [match.operation.template, ...match.parameters] : [match.kind];
  };
  t.deepEqual(found('/v1/orders/open'), ['/v1/orders/open']);
  t.deepEqual(found('/v1/orders/42'), ['/v1/orders/{id}', '42']);
  t.deepEqual(found('/v1/orders/open/lines'), ['/v1/{kind}/open/lines', 'orders']);
  t.deepEqual(found('/v1/Orders/42'), ['unknown']);
  t.deepEqual(found('/v1/orders/'), ['unknown']);
  t.deepEqual(found('/v1/orders'), ['unknown']);
});

test('a method is looked for in every template that the path fits', (t) => {
  const root = routesOf('/v1/orders/open');
  addRoute(root, 'DELETE', operation('/v1/orders/{id}'));
  t.like(matchRoute(root, 'DELETE', '/v1/orders/open'), { kind: 'operation', parameters: ['open'] });
  t.like(matchRoute(root, 'PUT', '/v1/orders/open'), { kind: 'method-not-allowed', allowed: ['GET'] });
});

test('two templates that only name their parameters differently are refused', (t) => {
  const root = routesOf('/v1/orders/{id}');
  t.throws(() => addRoute(root, 'GET', operation('/v1/orders/{order}')), { message: /is the same path as/ });
  t.throws(() => addRoute(root, 'GET', operation('/v1/order-{id}')), { message: /whole segment/ });
});

test('what matches is what a regular expression per template would match', (t) => {
  const segment = fc.constantFrom('a', 'b', 'c');
  const templateSegment = fc.constantFrom('a', 'b', '{p}');
  const template = fc.array(templateSegment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
  fc.assert(
    fc.property(fc.uniqueArray(template, { maxLength: 8 }), path, (templates, asked) => {
      const expected = templates.filter((one) => new RegExp(`^${one.replaceAll('{p}', '[^/]+')}$`).test(asked));
      const match = matchRoute(routesOf(...templates), 'GET', asked);
      if (expected.length === 0) t.is(match.kind, 'unknown');
      else t.true(match.kind === 'operation' && expected.includes(match.operation.template));
    }),
  );
});
