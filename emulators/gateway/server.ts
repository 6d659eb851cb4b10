import { Agent, createServer } from 'node:http';
import * as z from 'zod';
import { idTokenSource } from '../identity/id-token-source.ts';
import { closeServer, listenLocally } from '../identity/listen.ts';
import { answerRequest, type Gateway } from './answer.ts';
import { compileApi } from './compile.ts';
import { QuotaCounters } from './quota.ts';

export const gatewayOptions = z.strictObject({
  /** 0: one the system picks. */
  port: z.int().min(0).max(65535),
  /** An OpenAPI 3.x document with API Gateway's extensions. */
  openapi: z.record(z.string(), z.unknown()),
  /** Origin of the identity server. */
  identityUrl: z.url(),
  /** E-mail of the service account that calls the backends. */
  serviceAccount: z.string().min(1),
  /** Multiplies every quota. */
  quotaScale: z.number().positive().default(1),
  /** Keys accepted where the document asks for one; each is a consumer of its own. */
  apiKeys: z.array(z.string().min(1)).default([]),
});

type GatewayOptions = z.input<typeof gatewayOptions>;

export interface GatewayServer {
  port: number;
  close(): Promise<void>;
  methods: { reload(params: unknown): void };
}

/**
 * Starts an API Gateway that does what its document says and no more.
 * Method `reload` takes `{ openapi }`; requests under way finish with the document they began with, and quotas go on counting.
 * Rejects when the port is taken or the document is not one that API Gateway would take.
 */
export async function startGateway(options: GatewayOptions): Promise<GatewayServer> {
  const { port, openapi, identityUrl, serviceAccount, quotaScale, apiKeys } = gatewayOptions.parse(options);
  const gateway: Gateway = {
    api: compileApi(openapi),
    apiKeys: new Set(apiKeys),
    quotas: new QuotaCounters(quotaScale),
    agent: new Agent({ keepAlive: true }),
    idToken: idTokenSource({ identityUrl, serviceAccount }),
  };
  const server = createServer((request, response) => void answerRequest(gateway, request, response));
  const listening = await listenLocally(server, port, '--gateway-port');
  return {
    port: listening,
    async close() {
      await closeServer(server);
      gateway.agent.destroy();
    },
    methods: {
      reload(params) {
        gateway.api = compileApi(gatewayOptions.pick({ openapi: true }).parse(params).openapi);
      },
    },
  };
}
