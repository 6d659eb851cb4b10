import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Server } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import * as z from 'zod';
import { now as localTime } from '../clock.ts';
import { withFaults } from '../faults/grpc.ts';
import { openFrontDoor, requireFreePort } from '../rest/front-door.ts';
import { routesOf } from '../rest/http-rules.ts';
import { iamHandlers } from '../rpc/iam-policies.ts';
import { unaryService } from '../rpc/unary-service.ts';
import { checkSecretName, secretNotFound } from './names.ts';
import { secretCalls } from './secret-calls.ts';
import { Vault } from './vault.ts';
import { versionCalls } from './version-calls.ts';

const SERVICE = 'google.cloud.secretmanager.v1.SecretManagerService';
const root = protobuf.Root.fromJSON(
  createRequire(import.meta.url)('@google-cloud/secret-manager/build/protos/protos.json') as protobuf.INamespace,
);

export const secretManagerOptions = z.strictObject({
  /** 0: any free one. */
  port: z.int().min(0).max(65_535),
  /** Where secrets are kept, in the clear: the folder's permissions are all that guards them. */
  dataDir: z.string().min(1),
  /** Answer a change after the disk has it (power failure), not only the file (kill -9). */
  fsync: z.boolean().default(false),
});

interface SecretManager {
  port: number;
  close(): Promise<void>;
}

/**
 * Starts the local Secret Manager on 127.0.0.1: google.cloud.secretmanager.v1 over gRPC and REST on one port, for any
 * project and location. `now` is the clock that expiry goes by, in milliseconds since 1970.
 * Rejects where the port is taken or a file under `dataDir` is damaged.
 */
export async function startSecretManager(
  options: z.input<typeof secretManagerOptions>,
  now: () => number = localTime,
): Promise<SecretManager> {
  const { port, dataDir, fsync } = secretManagerOptions.parse(options);
  await requireFreePort(port, 'secret-manager-port');
  const vault = new Vault({ dataDir: join(dataDir, 'secrets'), fsync, now, warn });
  const handlers = { ...secretCalls(vault), ...versionCalls(vault), ...policies(vault) };
  const grpc = new Server();
  grpc.addService(
    ...withFaults(
      'secret-manager',
      unaryService(root, SERVICE, handlers, () => vault.settled()),
    ),
  );
  const door = await openFrontDoor({ port, grpc, routes: routesOf(root, [SERVICE]) });
  return {
    port: door.port,
    close: async () => {
      await door.close();
      await vault.close();
    },
  };
}

function policies(vault: Vault) {
  return iamHandlers({
    has: (resource) => vault.find(checkSecretName(resource)) !== undefined,
    missing: secretNotFound,
    get: (resource) => vault.policy(resource),
    set: (resource, policy) => vault.savePolicy(resource, policy),
  });
}

function warn(message: string, details: Record<string, unknown>): void {
  process.stderr.write(`${JSON.stringify({ severity: 'WARNING', service: 'secret-manager', message, ...details })}\n`);
}
