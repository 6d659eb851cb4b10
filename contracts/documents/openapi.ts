import { problemDetails } from '../kit/problem.ts';
import { outputSchema } from './json-schema.ts';
import { gatewayManagement, quotaOf } from './openapi-gateway.ts';
import { parametersOf, requestBodyOf } from './openapi-request.ts';
import { failureResponses, responsesOf } from './openapi-responses.ts';
import { compareText } from './order.ts';
import type { BackendAddress, ServedOperation } from './served-operation.ts';

export interface OpenApiOptions {
  /** Internal ones are left out. */
  operations: readonly ServedOperation[];
  title: string;
  version: string;
  /** The API's own address, as callers reach it. */
  server: string;
  /** By function name. */
  backends: Readonly<Record<string, BackendAddress>>;
  /** Who signs callers' access tokens, where its keys are, and whom the tokens are for. */
  issuer: string;
  jwksUri: string;
  audience: string;
}

const ACCESS_TOKEN = 'accessToken';

/** What API Gateway answers itself: no token, no such route, a backend that is late or away. */
const GATEWAY_REFUSAL = {
  type: 'object',
  properties: { code: { type: 'integer' }, message: { type: 'string' } },
  required: ['code', 'message'],
};

/**
 * The OpenAPI 3.1 document of the public operations, with API Gateway's extensions
 * (https://docs.cloud.google.com/api-gateway/docs/oasv3-extensions). The same operations give the same bytes, in whatever order
 * they come. Throws where a function has no backend, or two operations share an id.
 */
export function openApiDocument(options: OpenApiOptions): Record<string, unknown> {
  const { title, version, server, issuer, jwksUri, audience } = options;
  const operations = publicOperations(options.operations);
  return {
    openapi: '3.1.0',
    info: { title, version },
    servers: [{ url: server }],
    tags: [...new Set(operations.map(contextOf))].sort(compareText).map((name) => ({ name })),
    'x-google-api-management': gatewayManagement(operations, options.backends),
    paths: pathsOf(operations),
    components: {
      schemas: { ProblemDetails: outputSchema(problemDetails), GatewayRefusal: GATEWAY_REFUSAL },
      responses: failureResponses(operations.map(({ contract }) => contract)),
      securitySchemes: {
        [ACCESS_TOKEN]: {
          type: 'oauth2',
          flows: {},
          'x-google-auth': { issuer, jwksUri, audiences: [audience] },
        },
      },
    },
  };
}

function publicOperations(operations: readonly ServedOperation[]): ServedOperation[] {
  const exposed = operations
    .filter(({ contract }) => contract.audience === 'public')
    .sort((left, right) => compareText(sortKey(left), sortKey(right)));
  const ids = new Set<string>();
  for (const operation of exposed) {
    const id = operationIdOf(operation);
    if (ids.has(id)) throw new TypeError(`two operations would be called ${id}`);
    ids.add(id);
  }
  return exposed;
}

function sortKey({ contract }: ServedOperation): string {
  return `${contract.path} ${contract.method}`;
}

function pathsOf(operations: readonly ServedOperation[]): Record<string, Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const { path, method } = operation.contract;
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationObject(operation) };
  }
  return paths;
}

function operationObject(operation: ServedOperation): Record<string, unknown> {
  const { contract, functionName } = operation;
  const { summary, roles, sunset } = contract;
  const body = requestBodyOf(contract);
  return {
    operationId: operationIdOf(operation),
    summary,
    tags: [contextOf(operation)],
    ...(typeof roles === 'string' ? {} : { description: `Takes one of the roles ${roles.join(', ')}.` }),
    ...(sunset === undefined ? {} : { deprecated: true }),
    security: roles === 'anyone' ? [] : [{ [ACCESS_TOKEN]: [] }],
    'x-google-backend': functionName,
    'x-google-quota': quotaOf(operation),
    parameters: parametersOf(contract),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responsesOf(contract),
  };
}

function contextOf({ functionName }: ServedOperation): string {
  return functionName.split('-')[0] ?? functionName;
}

/** API Gateway makes a method name of it: letters and digits. */
function operationIdOf({ functionName }: ServedOperation): string {
  return functionName.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
