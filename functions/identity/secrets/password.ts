import { hash, type Options, verify } from '@node-rs/argon2';

/** Argon2id, version 19; OWASP's second choice of equal strength: 19 MiB, two passes, one lane. */
const PARAMETERS: Options = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The hash in PHC form. About 30 ms on the thread pool: never with a transaction open. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, PARAMETERS);
}

/** A hash of nothing anybody knows, made once a process. */
let nobodys: Promise<string> | undefined;

/** Whether the password fits. Without a hash it takes as long and says no: an unknown address answers like a wrong password. */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  nobodys ??= hashPassword(crypto.randomUUID());
  const fits = await verify(passwordHash ?? (await nobodys), password);
  return fits && passwordHash !== undefined;
}
