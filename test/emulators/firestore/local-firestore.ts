import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Firestore } from '@google-cloud/firestore';
import type { ExecutionContext } from 'ava';
import { type FirestoreOptions, type FirestoreServer, startFirestore } from '../../../emulators/firestore/server.ts';

// The client looks for credentials on Google's metadata server otherwise, and waits seconds for it.
process.env.METADATA_SERVER_DETECTION = 'none';

export async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'firestore-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The official client, as FIRESTORE_EMULATOR_HOST sets it up. */
export function clientOf(t: ExecutionContext, port: number, headers: Record<string, string> = {}): Firestore {
  const client = new Firestore({
    projectId: 'millrace-test',
    host: `127.0.0.1:${port}`,
    ssl: false,
    customHeaders: headers,
  });
  t.teardown(() => client.terminate());
  return client;
}

/** A server in this process and a client of it, both gone when the test is. */
export async function startLocal(
  t: ExecutionContext,
  options: Partial<FirestoreOptions> = {},
): Promise<{ server: FirestoreServer; db: Firestore }> {
  const server = await startFirestore({ port: 0, dataDir: await temporaryFolder(t), ...options });
  t.teardown(() => server.close());
  return { server, db: clientOf(t, server.port) };
}

/** Resolves when a condition holds; the test's time-out is the limit. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
