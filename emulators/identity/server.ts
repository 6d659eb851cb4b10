import { createServer, type ServerResponse } from 'node:http';
import * as z from 'zod';
import { sendError, sendJson } from './answers.ts';
import { answerCredentials } from './credentials.ts';
import type { Issuer } from './issuer.ts';
import { closeServer, listenLocally } from './listen.ts';
import { answerMetadata } from './metadata.ts';
import { loadSigningKey } from './signing-key.ts';

export const identityOptions = z.strictObject({
  /** 0: one the system picks. */
  port: z.int().min(0).max(65535),
  /** Where the signing key is kept. */
  dataDir: z.string().min(1),
  projectId: z.string().min(1),
  /** E-mail addresses of the service accounts that exist. */
  serviceAccounts: z.array(z.string().min(1)),
  /** E-mail addresses that may sign as an account, by the account's own; where it is left out, everybody may. */
  signers: z.record(z.string(), z.array(z.string())).optional(),
  /** Who `default` is on the metadata server; the first service account where none is named. */
  defaultServiceAccount: z.string().min(1).optional(),
});

type IdentityOptions = z.infer<typeof identityOptions>;

export interface IdentityServer {
  port: number;
  /** `iss` of every token, and the server's origin: `http://127.0.0.1:PORT`. */
  issuer: string;
  jwksUrl: string;
  close(): Promise<void>;
  methods: { setServiceAccounts(params: unknown): void };
}

/**
 * Starts the local service identities: IAM Credentials' tokens and signatures, the metadata server, and the published keys.
 * Answers on this machine only. Method `setServiceAccounts` takes `{ serviceAccounts, signers }` when the graph has changed.
 * Rejects when the port is taken or the kept key cannot be read.
 */
export async function startIdentity(options: IdentityOptions): Promise<IdentityServer> {
  let serviceAccounts = new Set(options.serviceAccounts);
  let { signers } = options;
  const issuer: Issuer = {
    issuer: '',
    key: await loadSigningKey(options.dataDir),
    projectId: options.projectId,
    defaultServiceAccount: options.defaultServiceAccount ?? options.serviceAccounts[0],
    exists: (email) => serviceAccounts.has(email),
    get signers() {
      const current = signers;
      return current === undefined ? undefined : (email: string) => current[email] ?? [];
    },
  };
  const server = createServer((request, response) => {
    if (!isForThisMachine(request.headers.host)) {
      return sendError(response, 403, 'PERMISSION_DENIED', 'the Host header does not name this machine');
    }
    const url = new URL(request.url ?? '/', issuer.issuer);
    if (url.pathname.startsWith('/computeMetadata/v1')) {
      return settle(response, answerMetadata(issuer, request, url, response));
    }
    if (url.pathname.startsWith('/v1/projects/')) {
      return settle(response, answerCredentials(issuer, request, url, response));
    }
    answerDiscovery(issuer, url, response);
  });
  const port = await listenLocally(server, options.port, '--identity-port');
  issuer.issuer = `http://127.0.0.1:${port}`;
  return {
    port,
    issuer: issuer.issuer,
    jwksUrl: `${issuer.issuer}/oauth2/v3/certs`,
    close: () => closeServer(server),
    methods: {
      setServiceAccounts(params) {
        const changed = identityOptions.pick({ serviceAccounts: true, signers: true }).parse(params);
        serviceAccounts = new Set(changed.serviceAccounts);
        signers = changed.signers;
      },
    },
  };
}

/** A page in a browser can reach 127.0.0.1 by a name of its own choosing; its Host header then gives it away. */
function isForThisMachine(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
}

/** Where Google publishes the keys that signBlob signs with, account by account. */
const ACCOUNT_KEYS = /^\/service_accounts\/v1\/jwk\/([^/]+)$/;

function answerDiscovery(issuer: Issuer, url: URL, response: ServerResponse): void {
  const [, account] = ACCOUNT_KEYS.exec(decodeURIComponent(url.pathname)) ?? [];
  if (account !== undefined && issuer.exists(account)) {
    sendJson(response, 200, { keys: [issuer.key.publicJwk] });
    return;
  }
  switch (url.pathname) {
    case '/oauth2/v3/certs':
      response.setHeader('cache-control', 'public, max-age=300');
      sendJson(response, 200, { keys: [issuer.key.publicJwk] });
      break;
    case '/.well-known/openid-configuration':
      sendJson(response, 200, {
        issuer: issuer.issuer,
        jwks_uri: `${issuer.issuer}/oauth2/v3/certs`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        claims_supported: ['aud', 'azp', 'email', 'email_verified', 'exp', 'iat', 'iss', 'sub'],
      });
      break;
    default:
      sendError(response, 404, 'NOT_FOUND', `nothing is served at ${url.pathname}`);
  }
}

function settle(response: ServerResponse, answered: Promise<void>): void {
  answered.catch((error: unknown) => {
    sendError(response, 500, 'INTERNAL', error instanceof Error ? error.message : String(error));
  });
}
