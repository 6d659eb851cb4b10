import * as z from 'zod';

const jwtLocation = z.union([
  z.object({ header: z.string().min(1), valuePrefix: z.string().default('') }),
  z.object({ query: z.string().min(1) }),
]);

const securityScheme = z.object({
  type: z.string(),
  in: z.string().optional(),
  name: z.string().optional(),
  'x-google-auth': z
    .object({
      issuer: z.string().min(1),
      jwksUri: z.url(),
      audiences: z.array(z.string()).optional(),
      jwtLocations: z.array(jwtLocation).optional(),
    })
    .optional(),
});

const requirements = z.array(z.record(z.string(), z.array(z.string())));

const operation = z.object({
  operationId: z.string().min(1),
  security: requirements.optional(),
  'x-google-backend': z.string().optional(),
  'x-google-quota': z.object({ metricCosts: z.record(z.string(), z.int().min(0)) }).optional(),
});

const pathItem = z.object({
  get: operation.optional(),
  put: operation.optional(),
  post: operation.optional(),
  delete: operation.optional(),
  options: operation.optional(),
  head: operation.optional(),
  patch: operation.optional(),
  trace: operation.optional(),
});

const backend = z.object({
  address: z.url({ protocol: /^http$/, error: 'a local backend has an http:// address' }),
  jwtAudience: z.string().min(1).optional(),
  disableAuth: z.boolean().default(false),
  /** Seconds; API Gateway's own default. */
  deadline: z.number().positive().default(15),
  pathTranslation: z.enum(['APPEND_PATH_TO_ADDRESS', 'CONSTANT_ADDRESS']).default('APPEND_PATH_TO_ADDRESS'),
});

/**
 * The part of an OpenAPI 3.x document that API Gateway acts on; everything else passes unread.
 * https://docs.cloud.google.com/api-gateway/docs/oasv3-extensions
 */
export const gatewayDocument = z.object({
  openapi: z.string().regex(/^3\.[01]\./, 'API Gateway takes OpenAPI 3.0 and 3.1'),
  servers: z.array(z.object({ url: z.string() })).default([]),
  security: requirements.default([]),
  'x-google-backend': z.string().optional(),
  'x-google-api-management': z.object({
    backends: z.record(z.string(), backend),
    metrics: z.record(z.string(), z.unknown()).default({}),
    quota: z
      .object({
        limits: z
          .record(z.string(), z.object({ metric: z.string(), values: z.coerce.number().int().min(0) }))
          .default({}),
      })
      .prefault({}),
  }),
  components: z.object({ securitySchemes: z.record(z.string(), securityScheme).default({}) }).prefault({}),
  paths: z.record(z.string().startsWith('/'), pathItem),
});

export type GatewayDocument = z.infer<typeof gatewayDocument>;
export type OperationDocument = z.infer<typeof operation>;
export type SecuritySchemeDocument = z.infer<typeof securityScheme>;
