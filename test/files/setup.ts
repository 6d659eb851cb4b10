import { createHash, randomUUID } from 'node:crypto';
import type { Bucket } from '@google-cloud/storage';
import { getFile, uploadFile } from '#contracts/files/api.ts';
import { openBucket } from '#core/storage.ts';
import { type Harness, type Reply, startHarness, type TestCaller } from '../support/harness.ts';

/** What works on files, and nobody who uses them. */
export const FILES = [
  'files-take-object',
  'files-on-object-arrived',
  'files-on-file-uploaded',
  'files-on-objects-listed',
];

type BucketName = 'uploads' | 'files' | 'quarantine';

export const sha256Of = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
export const md5Of = (bytes: string | Uint8Array) => createHash('md5').update(bytes).digest('base64');

/** Somebody of an organisation of their own. */
export const someone = (more: Partial<TestCaller> = {}): TestCaller => ({ tenant: randomUUID(), id: 'owner', ...more });

export interface Asked {
  fileId: string;
  upload: { url: string; method: string; headers: Record<string, string> };
  resumable: { url: string; method: string; headers: Record<string, string> };
}

/** Asks for an upload, declared as what these bytes are unless told otherwise. */
export function ask(
  harness: Harness,
  as: TestCaller,
  bytes: string | Uint8Array,
  declared: Record<string, unknown> = {},
): Promise<Reply> {
  return harness.request(
    uploadFile,
    {
      name: 'notes.txt',
      contentType: 'text/plain',
      bytes: Buffer.from(bytes).length,
      sha256: sha256Of(bytes),
      ...declared,
    },
    { as },
  );
}

export async function asked(...request: Parameters<typeof ask>): Promise<Asked> {
  const { status, body } = await ask(...request);
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}

/** Puts the bytes where the answer says, and returns the status. */
export async function put({ upload }: Asked, bytes: string | Uint8Array, headers = upload.headers): Promise<number> {
  const answer = await fetch(upload.url, { method: upload.method, headers, body: Buffer.from(bytes) });
  await answer.arrayBuffer();
  return answer.status;
}

/** Uploads and lets everything happen that follows from it. Returns the file's id. */
export async function uploaded(
  harness: Harness,
  as: TestCaller,
  bytes: string | Uint8Array,
  declared: Record<string, unknown> = {},
): Promise<string> {
  const answer = await asked(harness, as, bytes, declared);
  const status = await put(answer, bytes);
  if (status !== 200) throw new Error(`the upload was answered ${status}`);
  await harness.settle({ only: FILES });
  return answer.fileId;
}

export async function fileOf(harness: Harness, as: TestCaller, id: string): Promise<Reply['body']> {
  return (await harness.request(getFile, { id }, { as })).body;
}

export function bucketOf(harness: Harness, name: BucketName): Promise<Bucket> {
  return openBucket(harness.config('files').variable, name);
}

/** The names of a bucket's objects of one organisation, every version of them. */
export async function objectsOf(harness: Harness, name: BucketName, { tenant }: TestCaller): Promise<string[]> {
  const [found] = await (await bucketOf(harness, name)).getFiles({ prefix: tenant, versions: true });
  return found.map((file) => file.name.slice(tenant.length + 1));
}

export const startFiles = (variables: Record<string, string> = {}) => startHarness({ storage: true, variables });
