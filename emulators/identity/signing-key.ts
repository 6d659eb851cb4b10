import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as jose from 'jose';

/** An RS256 key pair: the private key signs, the public one is published. */
export interface SigningKey {
  kid: string;
  privateKey: jose.CryptoKey;
  publicJwk: jose.JWK;
}

/** Reads the key kept in `dataDir`, or makes one there on the first start. Throws when the file is not a private RSA JWK. */
export async function loadSigningKey(dataDir: string): Promise<SigningKey> {
  const path = join(dataDir, 'signing-key.json');
  const kept = await readIfThere(path);
  return kept === undefined ? await makeKey(dataDir, path) : await importKey(JSON.parse(kept), path);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function makeKey(dataDir: string, path: string): Promise<SigningKey> {
  const { privateKey } = await jose.generateKeyPair('RS256', { extractable: true });
  const jwk = await jose.exportJWK(privateKey);
  jwk.kid = await jose.calculateJwkThumbprint(jwk);
  await mkdir(dataDir, { recursive: true });
  await writeWhole(path, JSON.stringify(jwk));
  return importKey(jwk, path);
}

/** A rename is all or nothing, so a kill in the middle never leaves half a key. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

async function importKey(jwk: jose.JWK, path: string): Promise<SigningKey> {
  const { kid, n, e } = jwk;
  const privateKey = await jose.importJWK(jwk, 'RS256');
  if (privateKey instanceof Uint8Array || jwk.d === undefined || !kid || !n || !e) {
    throw new Error(`${path} is not a private RSA key: remove it and start again`);
  }
  return { kid, privateKey, publicJwk: { kty: 'RSA', alg: 'RS256', use: 'sig', kid, n, e } };
}
