import { hasBody, type Operation } from '../kit/operation.ts';
import { statusOf } from '../kit/problem.ts';
import { outputSchema } from './json-schema.ts';
import { byName, compareText } from './order.ts';

const PROBLEM = { $ref: '#/components/schemas/ProblemDetails' };

const GATEWAY_REFUSAL = {
  description: 'The gateway itself refused the request, or could not pass it on.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/GatewayRefusal' } } },
};

/** Success, then each status of failure, which refers to `failureResponses` by the closed codes it may carry. */
export function responsesOf(contract: Operation): Record<string, unknown> {
  return {
    [contract.status]: success(contract),
    // Whole numbers as keys come out in rising order, whatever order they went in.
    ...Object.fromEntries(
      failures(contract).map(({ status, name }) => [status, { $ref: `#/components/responses/${name}` }]),
    ),
    default: { $ref: '#/components/responses/gateway-refusal' },
  };
}

/** The failures that these operations refer to: most of them share most of theirs. */
export function failureResponses(contracts: readonly Operation[]): Record<string, unknown> {
  const used = contracts.flatMap(failures).map(({ status, name, codes }) => [name, failure(status, codes)]);
  return byName({ ...Object.fromEntries(used), 'gateway-refusal': GATEWAY_REFUSAL });
}

interface Failure {
  status: number;
  name: string;
  codes: string[];
}

function failures(contract: Operation): Failure[] {
  const byStatus = Map.groupBy(problemCodes(contract), statusOf);
  return Array.from(byStatus, ([status, codes]) => ({ status, codes, name: codes.join('.') }));
}

/** What the operation declares, and what any operation of its kind may answer. */
function problemCodes({ method, roles, problems }: Operation): string[] {
  const codes = [
    ...problems,
    'invalid-request',
    'quota-exceeded',
    'internal-error',
    'unavailable',
    'deadline-exceeded',
    ...(roles === 'anyone' ? [] : ['unauthenticated']),
    ...(typeof roles === 'string' ? [] : ['forbidden']),
    ...(hasBody(method) ? ['too-large', 'idempotency-key-reused'] : []),
  ];
  return [...new Set(codes)].sort(compareText);
}

function success({ summary, output, versionField, sunset }: Operation): Record<string, unknown> {
  const headers = {
    traceparent: header('W3C trace context: names the trace of everything this request caused.'),
    ...(versionField === undefined ? {} : { ETag: header('The version that was answered, for If-Match.') }),
    ...(sunset === undefined
      ? {}
      : { Deprecation: header('RFC 9745: since when.'), Sunset: header('RFC 8594: until when.') }),
  };
  return { description: summary, headers, content: { 'application/json': { schema: outputSchema(output) } } };
}

function failure(status: number, codes: string[]): Record<string, unknown> {
  const headers =
    status === 429 || status === 503 ? { headers: { 'Retry-After': header('Seconds to wait.', 'integer') } } : {};
  return {
    description: codes.join(', '),
    ...headers,
    content: {
      'application/problem+json': {
        schema: { allOf: [PROBLEM, { type: 'object', properties: { code: { enum: codes } } }] },
      },
    },
  };
}

function header(description: string, type = 'string'): Record<string, unknown> {
  return { description, schema: { type } };
}
