import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { errors, importJWK, jwtVerify } from 'jose';
import * as z from 'zod';
import { sendError, sendJson } from './answers.ts';
import type { Issuer } from './issuer.ts';
import { signAccessToken, signIdToken, TOKEN_LIFETIME_SECONDS } from './tokens.ts';

const signBlobRequest = z.object({ payload: z.base64().min(1) });
const idTokenRequest = z.object({ audience: z.string().min(1), includeEmail: z.boolean().default(false) });

/**
 * The IAM Service Account Credentials API, v1, but for signJwt: generateIdToken, generateAccessToken and signBlob.
 * Any process of this machine may ask for the tokens of any account that exists; who may sign as whom is checked where it is said.
 */
export async function answerCredentials(
  issuer: Issuer,
  request: IncomingMessage,
  url: URL,
  response: ServerResponse,
): Promise<void> {
  const asked = /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):(generateIdToken|generateAccessToken|signBlob)$/.exec(
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
  if (method === 'signBlob') return answerSignBlob(issuer, request, email, response);
  const body = idTokenRequest.safeParse(await readJson(request));
  if (!body.success) return sendError(response, 400, 'INVALID_ARGUMENT', z.prettifyError(body.error));
  const { audience, includeEmail } = body.data;
  const token = await signIdToken(issuer.key, { issuer: issuer.issuer, audience, email, includeEmail });
  sendJson(response, 200, { token });
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob */
async function answerSignBlob(
  issuer: Issuer,
  request: IncomingMessage,
  email: string,
  response: ServerResponse,
): Promise<void> {
  const body = signBlobRequest.safeParse(await readJson(request));
  if (!body.success) return sendError(response, 400, 'INVALID_ARGUMENT', z.prettifyError(body.error));
  if (issuer.signers !== undefined) {
    const caller = await callerOf(issuer, request);
    if (caller === undefined) return sendError(response, 401, 'UNAUTHENTICATED', 'signBlob takes an access token');
    if (!issuer.signers(email).includes(caller)) {
      const refusal = `Permission 'iam.serviceAccounts.signBlob' denied on ${email} for ${caller}`;
      return sendError(response, 403, 'PERMISSION_DENIED', refusal);
    }
  }
  const signature = await crypto.subtle.sign(
    issuer.key.privateKey.algorithm,
    issuer.key.privateKey,
    Buffer.from(body.data.payload, 'base64'),
  );
  sendJson(response, 200, { keyId: issuer.key.kid, signedBlob: Buffer.from(signature).toString('base64') });
}

/** The account whose access token the request shows; undefined where it shows none that holds. */
async function callerOf({ issuer, key }: Issuer, request: IncomingMessage): Promise<string | undefined> {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  try {
    const { payload } = await jwtVerify(token, await importJWK(key.publicJwk, 'RS256'), { issuer, audience: issuer });
    return typeof payload.email === 'string' ? payload.email : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
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
