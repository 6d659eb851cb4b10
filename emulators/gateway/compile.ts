import * as z from 'zod';
import { tokenVerifier } from '../identity/verify-id-token.ts';
import type { Api, ApiOperation, Backend, QuotaLimit, RouteNode, SecurityScheme, TokenLocation } from './api.ts';
import {
  type GatewayDocument,
  gatewayDocument,
  type OperationDocument,
  type SecuritySchemeDocument,
} from './document.ts';
import { addRoute, newRouteNode, parameterNames } from './route.ts';

/** Where API Gateway looks for a token when the document does not say. */
const USUAL_LOCATIONS: readonly TokenLocation[] = [
  { header: 'authorization', valuePrefix: 'Bearer ' },
  { header: 'x-goog-iap-jwt-assertion', valuePrefix: '' },
  { query: 'access_token' },
];

/** The document's named parts, ready for operations to refer to. */
interface Parts {
  document: GatewayDocument;
  backends: ReadonlyMap<string, Backend>;
  schemes: ReadonlyMap<string, SecurityScheme>;
}

/** Compiles an OpenAPI document. Throws where it does not fit, or refers to a backend, scheme or metric it does not have. */
export function compileApi(openapi: unknown): Api {
  const read = gatewayDocument.safeParse(openapi);
  if (!read.success) throw new Error(`the OpenAPI document is refused:\n${z.prettifyError(read.error)}`);
  const document = read.data;
  const parts = { document, backends: backendsOf(document), schemes: schemesOf(document) };
  return { routes: routesOf(parts), quotas: quotasOf(document) };
}

function backendsOf(document: GatewayDocument): Map<string, Backend> {
  const backends = Object.entries(document['x-google-api-management'].backends);
  return new Map(
    backends.map(([name, { address, jwtAudience, disableAuth, deadline, pathTranslation }]) => [
      name,
      {
        name,
        address: new URL(address),
        audience: disableAuth ? undefined : (jwtAudience ?? address),
        deadlineMs: deadline * 1000,
        pathTranslation,
      },
    ]),
  );
}

function schemesOf(document: GatewayDocument): Map<string, SecurityScheme> {
  const audiences = document.servers.map((server) => server.url);
  return new Map(
    Object.entries(document.components.securitySchemes).map(([name, scheme]) => [
      name,
      schemeOf(name, scheme, audiences),
    ]),
  );
}

/** `usualAudiences` are the API's own addresses, which a token may be for when the document names no other. */
function schemeOf(name: string, scheme: SecuritySchemeDocument, usualAudiences: readonly string[]): SecurityScheme {
  if (scheme.type === 'apiKey') return apiKeyScheme(name, scheme);
  const auth = scheme['x-google-auth'];
  if (auth === undefined) throw new Error(`security scheme ${name} needs x-google-auth: issuer and jwksUri`);
  const audience = auth.audiences ?? usualAudiences;
  if (audience.length === 0)
    throw new Error(`security scheme ${name} needs audiences, since the document has no servers`);
  return {
    kind: 'jwt',
    locations: auth.jwtLocations?.map(lowerCaseHeader) ?? USUAL_LOCATIONS,
    verify: tokenVerifier({ jwksUrl: auth.jwksUri, issuer: auth.issuer, audience }),
  };
}

function apiKeyScheme(name: string, scheme: SecuritySchemeDocument): SecurityScheme {
  const where = `${scheme.in} ${scheme.name?.toLowerCase()}`;
  if (where === 'header x-api-key') return { kind: 'api-key', in: 'header', name: 'x-api-key' };
  if (where === 'query key' || where === 'query api_key') {
    return { kind: 'api-key', in: 'query', name: scheme.name ?? 'key' };
  }
  throw new Error(`security scheme ${name}: API Gateway takes a key in header x-api-key or query key or api_key`);
}

function lowerCaseHeader(location: TokenLocation): TokenLocation {
  return 'header' in location ? { ...location, header: location.header.toLowerCase() } : location;
}

function routesOf(parts: Parts): RouteNode {
  const routes = newRouteNode();
  const basePath = basePathOf(parts.document);
  for (const [path, item] of Object.entries(parts.document.paths)) {
    const template = basePath + path;
    for (const [method, operation] of Object.entries(item)) {
      if (operation !== undefined) addRoute(routes, method.toUpperCase(), operationOf(parts, template, operation));
    }
  }
  return routes;
}

function basePathOf(document: GatewayDocument): string {
  const [server] = document.servers;
  return server === undefined ? '' : new URL(server.url, 'http://gateway').pathname.replace(/\/$/, '');
}

function operationOf(parts: Parts, template: string, operation: OperationDocument): ApiOperation {
  const { document } = parts;
  const backendName = operation['x-google-backend'] ?? document['x-google-backend'] ?? '';
  const backend = parts.backends.get(backendName);
  if (backend === undefined) throw new Error(`${operation.operationId}: no such backend: '${backendName}'`);
  const costs = Object.entries(operation['x-google-quota']?.metricCosts ?? {});
  for (const [metric] of costs) {
    if (!(metric in document['x-google-api-management'].metrics)) {
      throw new Error(`${operation.operationId}: no such metric: '${metric}'`);
    }
  }
  return {
    id: operation.operationId,
    template,
    parameterNames: parameterNames(template),
    backend,
    security: (operation.security ?? document.security).map((requirement) =>
      Object.keys(requirement).map((name) => schemeNamed(parts, operation.operationId, name)),
    ),
    costs: costs.map(([metric, cost]) => ({ metric, cost })),
  };
}

function schemeNamed(parts: Parts, operationId: string, name: string): SecurityScheme {
  const scheme = parts.schemes.get(name);
  if (scheme === undefined) throw new Error(`${operationId}: no such security scheme: '${name}'`);
  return scheme;
}

function quotasOf(document: GatewayDocument): QuotaLimit[] {
  const limits = Object.entries(document['x-google-api-management'].quota.limits);
  return limits.map(([name, { metric, values }]) => ({ name, metric, perMinute: values }));
}
