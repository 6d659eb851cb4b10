import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as jose from 'jose';
import * as z from 'zod';

/** As long as API Gateway keeps a key set. */
const KEEP_MS = 5 * 60_000;

const keySetDocument = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** The keys could not be had: the token may be good, nobody can tell. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

interface Kept {
  text: string;
  find: ReturnType<typeof jose.createLocalJWKSet>;
  readAt: number;
}

/**
 * The keys published at an address (http, https or file), kept for five minutes and read again at once for a key id they lack.
 * `onChange` is told when they are no longer what they were, so that what was verified by them can be forgotten.
 */
export function keysAt(url: string, onChange: () => void): jose.JWTVerifyGetKey {
  let kept: Kept | undefined;
  let reading: Promise<Kept> | undefined;

  async function read(): Promise<Kept> {
    const text = await readText(url);
    if (kept !== undefined && kept.text !== text) onChange();
    kept = { text, find: jose.createLocalJWKSet(keySetDocument.parse(JSON.parse(text))), readAt: Date.now() };
    return kept;
  }

  function readOnce(): Promise<Kept> {
    reading ??= read()
      .catch((cause: unknown) => {
        throw new KeysUnavailable(`the keys at ${url} cannot be read`, { cause });
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  }

  return async (header, token) => {
    const current = kept !== undefined && Date.now() - kept.readAt < KEEP_MS ? kept : await readOnce();
    try {
      return await current.find(header, token);
    } catch (error) {
      if (!(error instanceof jose.errors.JWKSNoMatchingKey)) throw error;
      return (await readOnce()).find(header, token);
    }
  };
}

async function readText(url: string): Promise<string> {
  if (url.startsWith('file:')) return readFile(fileURLToPath(url), 'utf8');
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.text();
}
