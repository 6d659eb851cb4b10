import type { Warn } from '../log/append-file.ts';
import type { Signers } from './signing/keys.ts';
import type { Change } from './store/records.ts';
import type { Store } from './store/store.ts';
import type { UploadMemory } from './uploads/resumable.ts';

/** What every request handler works with. */
export interface Service {
  store: Store;
  uploads: UploadMemory;
  /** Where the keys are that objects are kept under; without it they are names. */
  kmsUrl: string | undefined;
  signers: Signers;
  now(): Date;
  /** Whose bucket it is where a request names no project. */
  project: string;
  /** Soft-delete policy of a new bucket that states none. */
  softDeleteSeconds: number;
  /** Without it, retention is kept and shown but stops nothing, as in the client libraries' test bench. */
  enforcesRetention: boolean;
  /** Makes changes and wakes who waits for events; resolves when they are stored. */
  commit(changes: Change[]): Promise<void>;
  warn: Warn;
}
