import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Client, status as Code, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { errorAnswer, errorAnswerOf } from './error-body.ts';
import type { Route } from './http-rules.ts';
import { JsonProblem } from './json-problem.ts';
import { readJson } from './json-read.ts';
import { writeJson } from './json-write.ts';
import { requestTree } from './request-tree.ts';

/** Ten megabytes of message data are a third more in base64, and the envelope comes on top. */
const MAX_BODY_BYTES = 32_000_000;

/** Headers that mean something to a service; the rest is between HTTP's two ends. */
const FORWARDED = /^(authorization|x-goog-|x-millrace-|google-cloud-)/;

/** A request that never became a call. */
class Refusal extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Transcoder {
  listener: RequestListener;
  close(): void;
}

/**
 * Answers REST requests by calling the gRPC service on `port` of this machine, as Google's own front end does: JSON and
 * HTTP in, by the routes' annotations, and the status as `{"error": …}` out.
 */
export function restTranscoder(routes: readonly Route[], port: number): Transcoder {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  return {
    listener: (request, response) => {
      answer(client, routes, request).then(
        (json) => send(response, 200, json),
        (error: unknown) => {
          const { httpStatus, body } = failure(error);
          send(response, httpStatus, body);
        },
      );
    },
    close: () => client.close(),
  };
}

async function answer(client: Client, routes: readonly Route[], request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const { route, variables } = findRoute(routes, request.method ?? 'GET', url.pathname);
  const body = parseBody(await readBody(request));
  const message = readJson(route.request, requestTree(route, body, variables, url.searchParams));
  const bytes = Buffer.from(route.request.encode(message).finish());
  const answered = await call(client, route.grpcPath, bytes, metadataOf(request));
  const alt = url.searchParams.get('$alt') ?? url.searchParams.get('alt') ?? 'json';
  return writeJson(route.response, route.response.decode(answered), {
    enumsAsNumbers: alt.includes('enum-encoding=int'),
  });
}

function findRoute(
  routes: readonly Route[],
  verb: string,
  path: string,
): { route: Route; variables: Map<string, string> } {
  let isKnown = false;
  for (const route of routes) {
    const variables = route.template.match(path);
    if (variables === undefined) continue;
    if (route.verb === verb) return { route, variables };
    isKnown = true;
  }
  throw new Refusal(Code.NOT_FOUND, isKnown ? `${path} does not take ${verb}.` : `There is nothing at ${path}.`);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES)
      throw new Refusal(Code.INVALID_ARGUMENT, `The request is larger than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    throw new JsonProblem('', (error as Error).message);
  }
}

function metadataOf(request: IncomingMessage): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(request.headers))
    if (FORWARDED.test(name) && !name.endsWith('-bin') && value !== undefined) metadata.set(name, String(value));
  return metadata;
}

const asIs = (bytes: Buffer): Buffer => bytes;

function call(client: Client, path: string, bytes: Buffer, metadata: Metadata): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, asIs, asIs, bytes, metadata, (error, response) => {
      if (error === null) resolve(response ?? Buffer.alloc(0));
      else reject(error);
    });
  });
}

function failure(error: unknown): ReturnType<typeof errorAnswer> {
  if (error instanceof Refusal) return errorAnswer(error.code, error.message);
  if (error instanceof JsonProblem) {
    const message = `Invalid JSON payload received. ${error.message}`;
    return errorAnswer(Code.INVALID_ARGUMENT, message, [
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ ...(error.path === '' ? {} : { field: error.path }), description: message }],
      },
    ]);
  }
  if (error instanceof Error && 'metadata' in error && 'details' in error) return errorAnswerOf(error as ServiceError);
  return errorAnswer(Code.INTERNAL, error instanceof Error ? error.message : String(error));
}

function send(response: ServerResponse, status: number, json: unknown): void {
  const body = `${JSON.stringify(json, undefined, 2)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
