import * as z from 'zod';

/** One function as the host serves it: read from the graph, with this machine's addresses in its environment. */
export const hostedFunction = z.object({
  name: z.string(),
  context: z.string(),
  /** Absolute path of the file that declares it, or of the folder its bundle was unpacked to. */
  file: z.string(),
  environment: z.record(z.string(), z.string()),
  calls: z.record(z.string(), z.string()),
  invokers: z.array(z.string()),
  timeoutSeconds: z.number(),
});
export type HostedFunction = z.infer<typeof hostedFunction>;

export const hostOptions = z.object({
  port: z.int(),
  origin: z.string(),
  identityUrl: z.string(),
  functions: z.array(hostedFunction),
  /** Each function in a process of its own, started on its first request and stopped when nobody has called it for a while. */
  isolate: z.boolean(),
  idleSeconds: z.number(),
});
