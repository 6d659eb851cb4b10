import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Refusal } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { Sealed } from '../store/records.ts';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
/** Each is sealed by itself, so that a range is read without what comes before it. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Seals bytes under a key of their own, which is wrapped by the named one (Cloud KMS): writes them as another blob. A key of this bytes'
 * alone lets the chunk's number be the nonce. @throws Refusal (403) where the named key cannot be used
 */
export async function seal(
  service: Service,
  keyName: string,
  bytes: AsyncIterable<Buffer>,
): Promise<{ blob: string; sealed: Sealed }> {
  const key = randomBytes(KEY_BYTES);
  const { ciphertext } = await askKms(service, keyName, 'encrypt', { plaintext: key.toString('base64') });
  const { blob } = await service.store.blobs.write(sealedChunks(key, bytes));
  return { blob, sealed: { keyName, wrappedKey: ciphertext ?? '' } };
}

async function* sealedChunks(key: Buffer, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let index = 0;
  for await (const chunk of inChunks(bytes)) {
    const cipher = createCipheriv(ALGORITHM, key, nonceOf(index++));
    yield Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  }
}

async function* inChunks(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer = Buffer.alloc(0);
  for await (const part of bytes) {
    waiting = waiting.length === 0 ? part : Buffer.concat([waiting, part]);
    for (; waiting.length >= CHUNK_BYTES; waiting = waiting.subarray(CHUNK_BYTES))
      yield waiting.subarray(0, CHUNK_BYTES);
  }
  if (waiting.length > 0) yield waiting;
}

/**
 * The bytes [start, end) of what is sealed; `stored` reads the blob. The named key is asked before the first of them.
 * @throws Refusal (403) where it cannot be used
 */
export async function unseal(
  service: Service,
  { keyName, wrappedKey }: Sealed,
  { start, end }: { start: number; end: number },
  stored: (range: { start: number; end: number }) => AsyncIterable<Buffer>,
): Promise<AsyncGenerator<Buffer>> {
  const { plaintext } = await askKms(service, keyName, 'decrypt', { ciphertext: wrappedKey });
  const key = Buffer.from(plaintext ?? '', 'base64');
  const first = Math.floor(start / CHUNK_BYTES);
  const last = Math.ceil(end / CHUNK_BYTES);
  const chunks = inSealedChunks(
    stored({ start: first * (CHUNK_BYTES + TAG_BYTES), end: last * (CHUNK_BYTES + TAG_BYTES) }),
  );
  return plainBytes(key, chunks, first, { start, end });
}

async function* plainBytes(
  key: Buffer,
  chunks: AsyncIterable<Buffer>,
  first: number,
  { start, end }: { start: number; end: number },
): AsyncGenerator<Buffer> {
  let index = first;
  for await (const chunk of chunks) {
    const decipher = createDecipheriv(ALGORITHM, key, nonceOf(index));
    decipher.setAuthTag(chunk.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(chunk.subarray(0, -TAG_BYTES)), decipher.final()]);
    const offset = index * CHUNK_BYTES;
    yield plain.subarray(Math.max(0, start - offset), Math.max(0, end - offset));
    index += 1;
  }
}

async function* inSealedChunks(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const length = CHUNK_BYTES + TAG_BYTES;
  let waiting: Buffer = Buffer.alloc(0);
  for await (const part of bytes) {
    waiting = waiting.length === 0 ? part : Buffer.concat([waiting, part]);
    for (; waiting.length >= length; waiting = waiting.subarray(length)) yield waiting.subarray(0, length);
  }
  if (waiting.length > 0) yield waiting;
}

function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(index, NONCE_BYTES - 6, 6);
  return nonce;
}

async function askKms(
  { kmsUrl }: Service,
  keyName: string,
  verb: 'encrypt' | 'decrypt',
  body: object,
): Promise<{ ciphertext?: string; plaintext?: string }> {
  const answer = await fetch(`${kmsUrl}/v1/${keyName}:${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  if (answer.ok) return (await answer.json()) as { ciphertext?: string; plaintext?: string };
  await answer.arrayBuffer();
  throw new Refusal(
    403,
    'forbidden',
    `Permission denied on Cloud KMS key. Please ensure that your Cloud Storage service account has been authorized to use this key: ${keyName}`,
  );
}
