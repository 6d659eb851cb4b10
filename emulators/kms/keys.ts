import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const storedKey = z.object({
  /** `projects/…/locations/…/keyRings/…/cryptoKeys/…` */
  name: z.string(),
  createTime: z.string(),
  /** The one version there is, in base64; gone when it is destroyed. */
  material: z.string().optional(),
});
export type StoredKey = z.infer<typeof storedKey>;

/** Keys that encrypt and decrypt and are never handed out, a file each. */
export class Keys {
  readonly #directory: string;
  readonly #keys = new Map<string, StoredKey>();

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
    for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
      const key = storedKey.parse(JSON.parse(readFileSync(join(directory, file), 'utf8')));
      this.#keys.set(key.name, key);
    }
  }

  find(name: string): StoredKey | undefined {
    return this.#keys.get(name);
  }

  create(name: string, createTime: string): StoredKey {
    return this.#keep({ name, createTime, material: randomBytes(KEY_BYTES).toString('base64') });
  }

  /** What it has encrypted can never be read again. */
  destroy({ name, createTime }: StoredKey): StoredKey {
    return this.#keep({ name, createTime });
  }

  /** A rename is all or nothing: a kill never leaves half a key. */
  #keep(key: StoredKey): StoredKey {
    const path = join(this.#directory, `${createHash('sha256').update(key.name).digest('hex')}.json`);
    writeFileSync(`${path}.draft`, JSON.stringify(key), { mode: 0o600 });
    renameSync(`${path}.draft`, path);
    this.#keys.set(key.name, key);
    return key;
  }
}

/** Nonce, ciphertext and tag. */
export function encrypt(material: string, plaintext: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, Buffer.from(material, 'base64'), nonce);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined where another key has made it, or it was changed. */
export function decrypt(material: string, ciphertext: Buffer): Buffer | undefined {
  if (ciphertext.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, Buffer.from(material, 'base64'), ciphertext.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES));
  const plaintext = decipher.update(ciphertext.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    // Node says no more than that the tag does not hold.
    return undefined;
  }
}
