import type { Bucket, Storage } from '@google-cloud/storage';
import * as z from 'zod';
import { accessToken, metadataServer } from './access-token.ts';
import { bucketVariable } from './declared-variables.ts';
import type { HandlerContext } from './function.ts';

const opened = new Map<string, Promise<Storage>>();

/**
 * A bucket by the name under which the function declares it (`buckets`, `readsBuckets`). The client is imported on first use: it
 * costs 50 ms of a cold start. With `signsUrls`, `bucket.file(name).getSignedUrl({ version: 'v4', … })` works, in the cloud and here.
 * Throws where the bucket is not declared.
 */
export async function openBucket(config: HandlerContext<undefined>['config'], name: string): Promise<Bucket> {
  const bucket = config(bucketVariable(name));
  const storage = await storageFor(config('SERVICE_ACCOUNT'), process.env.STORAGE_EMULATOR_HOST);
  return storage.bucket(bucket);
}

function storageFor(serviceAccount: string, emulator: string | undefined): Promise<Storage> {
  const key = `${serviceAccount} ${emulator}`;
  const known = opened.get(key);
  if (known !== undefined) return known;
  const opening = open(serviceAccount, emulator);
  opened.set(key, opening);
  return opening;
}

async function open(serviceAccount: string, emulator: string | undefined): Promise<Storage> {
  const { Storage } = await import('@google-cloud/storage');
  const storage = new Storage();
  if (emulator !== undefined) signWithIdentity(storage, serviceAccount);
  return storage;
}

/**
 * In the cloud the client asks IAM Credentials to sign for the account it runs as. It finds no account on this machine, where many
 * share a process: it is told whose signature to ask for, and where.
 */
function signWithIdentity(storage: Storage, serviceAccount: string): void {
  Object.assign(storage.authClient, {
    getCredentials: async () => ({ client_email: serviceAccount }),
    sign: (text: string) => signBlob(serviceAccount, text),
  });
}

const signed = z.object({ signedBlob: z.base64() });

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob */
async function signBlob(serviceAccount: string, text: string): Promise<string> {
  const url = `${metadataServer()}/v1/projects/-/serviceAccounts/${serviceAccount}:signBlob`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await accessToken(serviceAccount)}` },
    body: JSON.stringify({ payload: Buffer.from(text).toString('base64') }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`${serviceAccount} cannot sign: ${answer.status} ${await answer.text()}`);
  return signed.parse(await answer.json()).signedBlob;
}
