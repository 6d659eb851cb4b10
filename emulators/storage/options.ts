import * as z from 'zod';

const SEVEN_DAYS_SECONDS = 604_800;

/** How the local Cloud Storage starts. */
export const storageOptions = z.strictObject({
  /** 0: one the system picks. */
  port: z.int().min(0).max(65_535),
  /** Made when it is not there; one process at a time. */
  dataDir: z.string().min(1),
  /** Whether a write is answered only when it is safe from a power cut; without, from a kill of the process. */
  fsync: z.boolean().default(false),
  /** A log of metadata this long, and longer than the last snapshot, is replaced by a new snapshot. */
  compactBytes: z.int().min(1).optional(),
  /** Whose buckets they are where a request names no project. */
  projectId: z.string().min(1).default('local'),
  /** Where notifications are published: `127.0.0.1:8085`. Without it they are kept until there is such a place. */
  pubsubHost: z.string().optional(),
  /** As whom they are published, where Pub/Sub asks: the identity server's origin, and the e-mail of a service account that it knows. */
  publisher: z.strictObject({ identityUrl: z.url(), serviceAccount: z.string() }).optional(),
  /** Who may sign URLs and policies beside the store's HMAC keys: public keys in PEM by service account. */
  signers: z.record(z.string(), z.string()).default({}),
  /** Where the keys of other accounts are published, below this address: `http://127.0.0.1:8091/service_accounts/v1/jwk/`. */
  signerKeysUrl: z.url().optional(),
  /** Cloud KMS, whose keys then seal what is kept under them: `http://127.0.0.1:8092`. Without it, keys are names. */
  kmsUrl: z.url().optional(),
  /** A service account's key file, whose holder may sign too. */
  credentialsFile: z.string().optional(),
  /** Soft-delete policy of buckets that state none; the real service's is seven days. */
  softDeleteSeconds: z.int().min(0).default(SEVEN_DAYS_SECONDS),
  /** How often lifecycle rules and the ends of soft deletion are looked at; 0: only on request. */
  sweepEveryMs: z.int().min(0).default(60_000),
  /**
   * As the client libraries' conformance suites want it: /retry_test is served, and retention is kept but not enforced,
   * since they delete within the ten minutes that they set.
   */
  testBench: z.boolean().default(false),
});

export type StorageOptions = z.input<typeof storageOptions>;
