import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import { credentials } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { startSecretManager } from '../../../emulators/secret-manager/server.ts';

// Without this the client looks for Google's metadata server before its first call.
process.env.METADATA_SERVER_DETECTION = 'none';

export const PROJECT = 'projects/millrace-test';

/** A folder that is gone when the test is over. */
export function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-secrets-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Local {
  client: SecretManagerServiceClient;
  port: number;
  /** Its clock stands still; this moves it. */
  sleep(ms: number): void;
  close(): Promise<void>;
}

/** A Secret Manager of the test's own, with a clock of its own, and the official client of it. */
export async function local(t: ExecutionContext, dataDir = temporaryFolder(t)): Promise<Local> {
  let now = Date.parse('2026-01-05T09:00:00Z');
  const server = await startSecretManager({ port: 0, dataDir }, () => now);
  const client = new SecretManagerServiceClient({
    servicePath: '127.0.0.1',
    port: server.port,
    sslCreds: credentials.createInsecure(),
    projectId: 'millrace-test',
  });
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= client.close().then(() => server.close());
    return closed;
  };
  t.teardown(close);
  return {
    client,
    port: server.port,
    close,
    sleep: (ms) => {
      now += ms;
    },
  };
}

/** A secret under the project, replicated automatically, with these versions. */
export async function secretOf(
  { client }: Local,
  secretId: string,
  versions: string[] = [],
  more: object = {},
): Promise<string> {
  const [secret] = await client.createSecret({
    parent: PROJECT,
    secretId,
    secret: { replication: { automatic: {} }, ...more },
  });
  const name = secret.name ?? '';
  for (const text of versions) await client.addSecretVersion({ parent: name, payload: { data: Buffer.from(text) } });
  return name;
}

export async function textOf({ client }: Local, name: string): Promise<string> {
  const [{ payload }] = await client.accessSecretVersion({ name });
  return Buffer.from(payload?.data ?? '').toString();
}

// gRPC's status codes.
export const INVALID_ARGUMENT = { code: 3 as never };
export const NOT_FOUND = { code: 5 as never };
export const ALREADY_EXISTS = { code: 6 as never };
export const FAILED_PRECONDITION = { code: 9 as never };
export const ABORTED = { code: 10 as never };
export const UNIMPLEMENTED = { code: 12 as never };
