import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { verifyIdToken } from '../identity/verify-id-token.ts';

/** Serves a request that may pass; its URL has lost the function's name. */
export type Target = (request: IncomingMessage, response: ServerResponse) => void;

export interface FrontOptions {
  port: number;
  /** Where functions are reached from outside: `http://127.0.0.1:8090`. Their address is the audience of tokens. */
  origin: string;
  identityUrl: string;
  targets: ReadonlyMap<string, { invokers: ReadonlySet<string>; timeoutSeconds: number; serve: Target }>;
}

/**
 * The door that Cloud Run is in the cloud: it finds the function by the first part of the path, and lets in who has an identity
 * token for it and run.invoker on it. Everybody else gets 401 or 403, as there.
 */
export async function openFront(options: FrontOptions): Promise<Server> {
  const server = createServer((request, response) => void admit(options, request, response));
  // Pub/Sub and the gateway keep their connections; a worker that restarts must not look like a refusal in the middle of one.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // Several workers share the port: the kernel hands each new connection to one of them.
    server.listen({ port: options.port, host: '127.0.0.1', reusePort: true }, resolve);
  });
  return server;
}

async function admit(options: FrontOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, name = '', rest] = /^\/([^/?]+)(.*)$/.exec(request.url ?? '') ?? [];
  const target = options.targets.get(name);
  if (target === undefined) return refuse(response, 404, `there is no function ${name}`);
  const refusal = await check(options, name, target.invokers, request.headers.authorization);
  if (refusal !== undefined) return refuse(response, refusal.status, refusal.reason);
  const deadline = setTimeout(() => {
    if (!response.headersSent) refuse(response, 504, `${name} did not answer within ${target.timeoutSeconds} s`);
  }, target.timeoutSeconds * 1_000);
  response.once('close', () => clearTimeout(deadline));
  request.url = rest === '' ? '/' : rest?.startsWith('/') === true ? rest : `/${rest}`;
  target.serve(request, response);
}

async function check(
  { origin, identityUrl }: FrontOptions,
  name: string,
  invokers: ReadonlySet<string>,
  authorization: string | undefined,
): Promise<{ status: 401 | 403; reason: string } | undefined> {
  const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
  if (token === undefined) return { status: 401, reason: `${name} takes an identity token` };
  try {
    const rules = { jwksUrl: `${identityUrl}/oauth2/v3/certs`, issuer: identityUrl, audience: `${origin}/${name}` };
    const { email } = await verifyIdToken(token, rules);
    if (email !== undefined && invokers.has(email)) return undefined;
    return { status: 403, reason: `${email ?? 'the caller'} lacks run.invoker on ${name}` };
  } catch (error) {
    return { status: 401, reason: error instanceof Error ? error.message : String(error) };
  }
}

export function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: reason }));
}
