import type { SigningKey } from './signing-key.ts';

/** What every part of the identity server answers from. */
export interface Issuer {
  /** `iss` of every token, and the server's origin. */
  issuer: string;
  key: SigningKey;
  projectId: string;
  /** Who `default` is on the metadata server. */
  defaultServiceAccount: string | undefined;
  exists(email: string): boolean;
  /** Who may sign as an account; undefined where everybody may. */
  signers: ((email: string) => readonly string[]) | undefined;
}
