import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Issuer } from './issuer.ts';
import { signAccessToken, signIdToken, TOKEN_LIFETIME_SECONDS } from './tokens.ts';

const FLAVOR = 'Google';

interface Answer {
  status: number;
  type: 'application/text' | 'application/json';
  body: string;
}

/**
 * The metadata server. Google's knows one account, the instance's own, as `default`; this one also answers by e-mail,
 * since the functions of one machine run as many. As Google's does, it wants `Metadata-Flavor: Google` and refuses
 * anything that came through a proxy, so that a request forged by way of a server here gets no token.
 */
export async function answerMetadata(
  issuer: Issuer,
  request: IncomingMessage,
  url: URL,
  response: ServerResponse,
): Promise<void> {
  const { status, type, body } = await answerTo(issuer, request, url);
  response.writeHead(status, { 'content-type': type, 'metadata-flavor': FLAVOR }).end(body);
}

async function answerTo(issuer: Issuer, request: IncomingMessage, url: URL): Promise<Answer> {
  if (request.headers['metadata-flavor'] !== FLAVOR) return text(403, 'Missing Metadata-Flavor:Google header.');
  if (request.headers['x-forwarded-for'] !== undefined) return text(403, 'The request came through a proxy.');
  if (request.method !== 'GET') return text(405, 'Only GET is answered.');
  const path = decodeURIComponent(url.pathname).replace('/computeMetadata/v1', '').replace(/\/$/, '');
  const asked = /^\/instance\/service-accounts\/([^/]+)\/([^/]+)$/.exec(path);
  if (asked === null) return plainValue(issuer, path);
  const [, account = '', item = ''] = asked;
  return accountValue(issuer, account, item, url.searchParams);
}

function plainValue(issuer: Issuer, path: string): Answer {
  switch (path) {
    case '/project/project-id':
      return text(200, issuer.projectId);
    case '/universe/universe-domain':
      return text(200, 'googleapis.com');
    case '':
    case '/instance':
      return text(200, 'service-accounts/\n');
    default:
      return text(404, `no such metadata: ${path}`);
  }
}

async function accountValue(issuer: Issuer, account: string, item: string, query: URLSearchParams): Promise<Answer> {
  const email = account === 'default' ? issuer.defaultServiceAccount : account;
  if (email === undefined || !issuer.exists(email)) return text(404, `service account ${account} does not exist`);
  switch (item) {
    case 'email':
      return text(200, email);
    case 'identity': {
      const audience = query.get('audience');
      if (!audience) return text(400, 'non-empty audience parameter required');
      const includeEmail = query.get('format') === 'full';
      return text(200, await signIdToken(issuer.key, { issuer: issuer.issuer, audience, email, includeEmail }));
    }
    case 'token': {
      const access_token = await signAccessToken(issuer.key, { issuer: issuer.issuer, email });
      const body = JSON.stringify({ access_token, expires_in: TOKEN_LIFETIME_SECONDS, token_type: 'Bearer' });
      return { status: 200, type: 'application/json', body };
    }
    default:
      return text(404, `no such metadata: ${item}`);
  }
}

function text(status: number, body: string): Answer {
  return { status, type: 'application/text', body };
}
