import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bucket, type CreateBucketRequest, Storage } from '@google-cloud/storage';
import type { ExecutionContext } from 'ava';
import type { StorageOptions } from '../../../emulators/storage/options.ts';
import { type StorageServer, startStorage } from '../../../emulators/storage/server.ts';

export const PROJECT = 'rules';
export const SIGNER = 'signer@rules.iam.gserviceaccount.com';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

// A key file is the one way to give the client a key that it does not call deprecated.
const accountFolder = mkdtempSync(join(tmpdir(), 'millrace-account-'));
process.once('exit', () => rmSync(accountFolder, { recursive: true, force: true }));
process.env.GOOGLE_APPLICATION_CREDENTIALS = join(accountFolder, 'account.json');
writeFileSync(
  process.env.GOOGLE_APPLICATION_CREDENTIALS,
  JSON.stringify({ type: 'service_account', project_id: PROJECT, client_email: SIGNER, private_key: privateKey }),
);

export interface LocalStorage {
  server: StorageServer;
  client: Storage;
  /** `http://127.0.0.1:12345` */
  origin: string;
  dataDir: string;
  /** A bucket that nobody else uses. */
  bucket(metadata?: CreateBucketRequest): Promise<Bucket>;
}

let named = 0;

/** A Cloud Storage of its own for this test, gone with it. */
export async function localStorage(t: ExecutionContext, options: Partial<StorageOptions> = {}): Promise<LocalStorage> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'millrace-storage-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const server = await startStorage({
    port: 0,
    projectId: PROJECT,
    signers: { [SIGNER]: publicKey },
    sweepEveryMs: 0,
    ...options,
    dataDir,
  });
  t.teardown(() => server.close());
  const origin = `http://127.0.0.1:${server.port}`;
  const client = clientOf(origin);
  return {
    server,
    client,
    origin,
    dataDir,
    bucket: async (metadata: CreateBucketRequest = {}) => {
      const [created] = await client.createBucket(`bucket-${process.pid}-${named++}`, metadata);
      return created;
    },
  };
}

/** The official client, with a key that may sign. */
export function clientOf(origin: string): Storage {
  return new Storage({
    apiEndpoint: origin,
    projectId: PROJECT,
    retryOptions: { autoRetry: false },
  });
}

/** The status that a call of the official client is refused with. */
export async function refusalOf(call: Promise<unknown>): Promise<{ code: number; reason: string; message: string }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const [first] = 'errors' in error && Array.isArray(error.errors) ? error.errors : [];
    return { code: Number(error.code), reason: first?.reason ?? '', message: error.message };
  }
  throw new Error('the call was not refused');
}

/** The JSON object of an answer. */
export async function objectOf(answer: Response): Promise<Record<string, unknown>> {
  const value: unknown = await answer.json();
  if (typeof value !== 'object' || value === null) throw new Error('the answer is no JSON object');
  return { ...value };
}
