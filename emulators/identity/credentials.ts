import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import * as z from 'zod';
import { sendError, sendJson } from './answers.ts';
import type { Issuer } from './issuer.ts';
import { signAccessToken, signIdToken, TOKEN_LIFETIME_SECONDS } from './tokens.ts';

const idTokenRequest = z.object({ audience: z.string().min(1), includeEmail: z.boolean().default(false) });

/**
 * The IAM Service Account Credentials API, v1, as far as tokens go: generateIdToken and generateAccessToken.
 * Any process of this machine may ask for any account that exists; who may impersonate whom is not checked here.
 */
export async function answerCredentials(
  issuer: Issuer,
  request: IncomingMessage,
  url: URL,
  response: ServerResponse,
): Promise<void> {
  const asked = /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):(generateIdToken|generateAccessToken)$/.exec(
    decodeURIComponent(url.pathname),
  );
  const [, email, method] = asked ?? [];
  if (email === undefined || request.method !== 'POST') {
    return sendError(response, 404, 'NOT_FOUND', `nothing is served at ${request.method} ${url.pathname}`);
  }
  if (!issuer.exists(email)) {
    return sendError(response, 404, 'NOT_FOUND', `service account ${email} does not exist`);
  }
  if (method === 'generateAccessToken') {
    const accessToken = await signAccessToken(issuer.key, { issuer: issuer.issuer, email });
    const expireTime = new Date(Date.now() + TOKEN_LIFETIME_SECONDS * 1000).toISOString();
    return sendJson(response, 200, { accessToken, expireTime });
  }
  const body = idTokenRequest.safeParse(await readJson(request));
  if (!body.success) return sendError(response, 400, 'INVALID_ARGUMENT', z.prettifyError(body.error));
  const { audience, includeEmail } = body.data;
  const token = await signIdToken(issuer.key, { issuer: issuer.issuer, audience, email, includeEmail });
  sendJson(response, 200, { token });
}

/** Undefined where the body is not JSON: the schema then says what it wanted. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  try {
    return await json(request);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
