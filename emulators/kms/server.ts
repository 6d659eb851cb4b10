import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import * as z from 'zod';
import { sendError, sendJson } from '../identity/answers.ts';
import { closeServer, listenLocally } from '../identity/listen.ts';
import { decrypt, encrypt, Keys, type StoredKey } from './keys.ts';

export interface KmsServer {
  port: number;
  close(): Promise<void>;
}

const RING = '(projects/[^/]+/locations/[^/]+/keyRings/[^/]+)';
const CREATED = new RegExp(`^/v1/${RING}/cryptoKeys$`);
const KEY = new RegExp(`^/v1/(${RING}/cryptoKeys/[^/:]+)(?:/cryptoKeyVersions/1)?(?::(encrypt|decrypt|destroy))?$`);
const KEY_ID = /^[\w-]{1,63}$/;
const plaintextRequest = z.object({ plaintext: z.base64() });
const ciphertextRequest = z.object({ ciphertext: z.base64() });

/**
 * Starts the local Cloud KMS on this machine only, as far as objects kept under a key need it: symmetric keys of one version, created, shown,
 * used and destroyed, over REST. Key rings are there as soon as they are named. Rejects where the port is taken.
 */
export async function startKms({ port, dataDir }: { port: number; dataDir: string }): Promise<KmsServer> {
  const keys = new Keys(dataDir);
  const server = createServer((request, response) => {
    answer(keys, request).then(
      ({ code, body }) => sendJson(response, code, body),
      (error: unknown) => sendError(response, 500, 'INTERNAL', error instanceof Error ? error.message : String(error)),
    );
  });
  const listening = await listenLocally(server, port, '--kms-port');
  return { port: listening, close: () => closeServer(server) };
}

interface Answer {
  code: number;
  body: object;
}

async function answer(keys: Keys, request: IncomingMessage): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://kms');
  const path = decodeURIComponent(url.pathname);
  const ring = CREATED.exec(path)?.[1];
  if (ring !== undefined && request.method === 'POST')
    return create(keys, ring, url.searchParams.get('cryptoKeyId') ?? '');
  const [, name = '', , verb] = KEY.exec(path) ?? [];
  const key = keys.find(name);
  if (key === undefined) return refused(404, 'NOT_FOUND', `CryptoKey ${name} not found.`);
  if (verb === undefined) return { code: 200, body: shown(key) };
  if (verb === 'destroy') return { code: 200, body: shown(keys.destroy(key)).primary };
  if (key.material === undefined)
    return refused(400, 'FAILED_PRECONDITION', `${name}/cryptoKeyVersions/1 is not enabled, it is DESTROYED.`);
  const body: unknown = await json(request);
  return verb === 'encrypt' ? answerEncrypt(key.name, key.material, body) : answerDecrypt(key.material, body);
}

function create(keys: Keys, ring: string, id: string): Answer {
  const name = `${ring}/cryptoKeys/${id}`;
  if (!KEY_ID.test(id)) return refused(400, 'INVALID_ARGUMENT', `Invalid resource id '${id}'.`);
  if (keys.find(name) !== undefined) return refused(409, 'ALREADY_EXISTS', `CryptoKey ${name} already exists.`);
  return { code: 200, body: shown(keys.create(name, new Date().toISOString())) };
}

function answerEncrypt(name: string, material: string, body: unknown): Answer {
  const read = plaintextRequest.safeParse(body);
  if (!read.success) return refused(400, 'INVALID_ARGUMENT', z.prettifyError(read.error));
  const ciphertext = encrypt(material, Buffer.from(read.data.plaintext, 'base64'));
  return { code: 200, body: { name: `${name}/cryptoKeyVersions/1`, ciphertext: ciphertext.toString('base64') } };
}

function answerDecrypt(material: string, body: unknown): Answer {
  const read = ciphertextRequest.safeParse(body);
  if (!read.success) return refused(400, 'INVALID_ARGUMENT', z.prettifyError(read.error));
  const plaintext = decrypt(material, Buffer.from(read.data.ciphertext, 'base64'));
  if (plaintext === undefined) return refused(400, 'INVALID_ARGUMENT', 'Decryption failed: the ciphertext is invalid.');
  return { code: 200, body: { plaintext: plaintext.toString('base64') } };
}

function refused(code: number, status: string, message: string): Answer {
  return { code, body: { error: { code, status, message } } };
}

/** As google.cloud.kms.v1.CryptoKey is shown. */
function shown({ name, createTime, material }: StoredKey) {
  const state = material === undefined ? 'DESTROYED' : 'ENABLED';
  const algorithm = 'GOOGLE_SYMMETRIC_ENCRYPTION';
  return {
    name,
    primary: { name: `${name}/cryptoKeyVersions/1`, state, createTime, algorithm, protectionLevel: 'SOFTWARE' },
    purpose: 'ENCRYPT_DECRYPT',
    createTime,
  };
}
