import { z } from 'zod';

/** What the local Pub/Sub starts with. */
export const pubSubOptions = z.strictObject({
  /** 0: any free one. */
  port: z.int().min(0).max(65_535),
  projectId: z.string().optional(),
  /** Where the message log and the definitions lie. */
  dataDir: z.string(),
  /** Answer a publish after the disk has it (power failure), not only the file (kill -9). */
  fsync: z.boolean().optional(),
  /** How the message log is cut and kept; see StoreLimits. */
  limits: z
    .strictObject({ segmentBytes: z.int().min(1), residentBytes: z.int().min(0), slackBytes: z.int().min(0) })
    .optional(),
  /** The identity service that gives push subscriptions their OIDC tokens. */
  identityUrl: z.string().optional(),
  /** Cloud Storage's JSON API, which Cloud Storage subscriptions write to; without it, what STORAGE_EMULATOR_HOST says. */
  storageUrl: z.string().optional(),
  /** Check callers' identity tokens; without it everybody may do everything. */
  iam: z
    .strictObject({
      jwksUrl: z.string(),
      issuer: z.string().optional(),
      publishers: z.record(z.string(), z.array(z.string())),
    })
    .optional(),
});

export type PubSubOptions = z.input<typeof pubSubOptions>;
