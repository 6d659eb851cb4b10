import { status } from '@grpc/grpc-js';
import * as z from 'zod';

/** The services that faults can be had of. */
export const faultyService = z.enum(['pubsub', 'firestore', 'storage', 'secret-manager', 'run']);
export type FaultyService = z.infer<typeof faultyService>;

const grpcCode = z.enum(Object.keys(status).filter((name) => name !== 'OK' && Number.isNaN(Number(name))));
const httpStatus = z.int().min(400).max(599);

const target = {
  service: faultyService,
  /** A gRPC method's own name, such as `Publish`, whichever way the call came; of Cloud Storage `storage.objects.insert`. */
  method: z.string().min(1).default('*'),
  /** Of how many requests it is the fate. */
  share: z.number().gt(0).max(1).default(1),
  /** With the same one, the same requests of a sequence are struck. */
  seed: z.int().default(1),
  /** It is over after so many. */
  count: z.int().min(1).optional(),
};

/** Before the request is handled, or after it and before the answer: whoever asked cannot tell which it was. */
const point = z.enum(['before', 'after']).default('before');

export const faultRule = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...target, kind: z.literal('delay'), ms: z.int().min(1).max(600_000), point }),
    /** A gRPC status by name, or an HTTP status where the service speaks HTTP alone. */
    z.strictObject({ ...target, kind: z.literal('error'), code: z.union([grpcCode, httpStatus]), point }),
    /** A gRPC call is never answered; an HTTP connection is closed. */
    z.strictObject({ ...target, kind: z.literal('drop'), point }),
    /** Handled twice, one after the other, and answered with what came of the second. */
    z.strictObject({ ...target, kind: z.literal('duplicate') }),
  ])
  .refine(
    (rule) => rule.kind !== 'error' || (rule.service === 'storage') === (typeof rule.code === 'number'),
    'code is an HTTP status (503) for storage, and the name of a gRPC status (UNAVAILABLE) for the others',
  );

export type FaultRule = z.output<typeof faultRule>;
