import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemType, statusOf } from '#contracts/kit/problem.ts';
import { InvalidRequest } from './requests.ts';

const MAX_BODY_BYTES = 64 * 1024;

/** What a route answers. */
export interface Answer {
  status: number;
  body: unknown;
}

/** A refusal with its code; its HTTP status follows from the code. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** The JSON body of a request; undefined when it has none. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await readBody(request);
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new InvalidRequest([{ path: '', message: `the body is not JSON: ${String(error)}` }]);
  }
}

/** Reads to the end, and keeps nothing past the limit: leaving a body unread would cut the connection before the answer. */
function readBody(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on('end', () => {
    if (bytes <= MAX_BODY_BYTES) resolve(Buffer.concat(chunks));
    else reject(new Refusal('too-large', `a body has at most ${MAX_BODY_BYTES} bytes`));
  });
  request.on('error', reject);
  return promise;
}

export function sendAnswer(response: ServerResponse, { status, body }: Answer): void {
  send(response, status, 'application/json', body);
}

/** Answers a failure as problem details (RFC 9457). What is not a refusal answers 500, with its message. */
export function sendProblem(response: ServerResponse, error: unknown): void {
  const code =
    error instanceof InvalidRequest ? 'invalid-request' : error instanceof Refusal ? error.code : 'internal-error';
  const status = statusOf(code);
  const detail = error instanceof Error ? error.message : String(error);
  const errors = error instanceof InvalidRequest ? { errors: error.errors } : {};
  send(response, status, 'application/problem+json', {
    type: problemType(code),
    code,
    title: code.replaceAll('-', ' '),
    status,
    detail,
    ...errors,
  });
}

function send(response: ServerResponse, status: number, contentType: string, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length });
  response.end(bytes);
}
