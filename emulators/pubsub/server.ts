import { createServer } from 'node:net';
import { Server } from '@grpc/grpc-js';
import { withFaults } from '../faults/grpc.ts';
import { openFrontDoor } from '../rest/front-door.ts';
import { acknowledgeMethods } from './acknowledge.ts';
import { Authorization } from './authorization.ts';
import { type Backlog, backlogOf } from './backlog-report.ts';
import { Broker } from './broker.ts';
import { DeliveryLoops } from './delivery-loops.ts';
import { iamMethods } from './iam-service.ts';
import type { PubSubOptions } from './options.ts';
import { publishMethod } from './publish.ts';
import { pullMethod } from './pull.ts';
import { PushClient } from './push-client.ts';
import { PushTokens } from './push-tokens.ts';
import { pubSubRoutes } from './rest-routes.ts';
import { toService } from './rpc.ts';
import { schemaMethods } from './schema-service.ts';
import { snapshotMethods } from './snapshot-service.ts';
import { streamingPullMethod } from './streaming-pull.ts';
import { subscriptionMethods } from './subscription-service.ts';
import { topicMethods } from './topic-service.ts';

/** Ten megabytes of messages and their envelope; grpc-js's own limit is 4 MB. */
const MAX_REQUEST_BYTES = 20_000_000;

export interface PubSub {
  port: number;
  close(): Promise<void>;
  methods: { backlog: () => Backlog };
}

/**
 * Starts the local Pub/Sub on 127.0.0.1. An acknowledged publish survives a kill -9 (with `fsync`: a power failure);
 * what was unacknowledged is delivered again after a restart on the same `dataDir`.
 * Throws where the port is taken or the log is corrupt.
 */
export async function startPubSub(options: PubSubOptions): Promise<PubSub> {
  await checkFree(options.port);
  const broker = new Broker({ dataDir: options.dataDir, fsync: options.fsync ?? false, limits: options.limits, warn });
  const authorization = new Authorization(options.iam);
  const server = new Server({
    'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
    'grpc.max_send_message_length': -1,
  });
  for (const methods of [
    [publishMethod(broker, authorization), ...topicMethods(broker, authorization)],
    [
      streamingPullMethod(broker, authorization),
      pullMethod(broker, authorization),
      ...acknowledgeMethods(broker, authorization),
      ...subscriptionMethods(broker, authorization),
      ...snapshotMethods(broker, authorization),
    ],
    schemaMethods(broker, authorization),
    iamMethods(broker, authorization),
  ])
    server.addService(...withFaults('pubsub', toService(methods)));
  const door = await openFrontDoor({ port: options.port, grpc: server, routes: pubSubRoutes() }).catch(
    async (error: NodeJS.ErrnoException) => {
      await broker.close();
      throw error.code === 'EADDRINUSE' ? taken(options.port) : error;
    },
  );
  const client = new PushClient();
  const tokens = new PushTokens(options.identityUrl);
  const loops = new DeliveryLoops({ broker, client, storageUrl: storageUrlOf(options), tokens, warn });
  broker.onSubscriptionChange = (subscription) => loops.follow(subscription);
  return {
    port: door.port,
    close: async () => {
      await door.close();
      loops.close();
      client.close();
      await broker.close();
    },
    methods: { backlog: () => backlogOf(broker) },
  };
}

/** The clients' own variable comes with and without a scheme. */
function storageUrlOf({ storageUrl = process.env.STORAGE_EMULATOR_HOST }: PubSubOptions): string | undefined {
  if (!storageUrl) return undefined;
  return (storageUrl.includes('://') ? storageUrl : `http://${storageUrl}`).replace(/\/$/, '');
}

/** Before the log is opened: whoever holds the port may be writing to it. */
async function checkFree(port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? taken(port) : error));
    probe.listen(port, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => probe.close(resolve));
}

const taken = (port: number) => new Error(`port ${port} is taken: stop what uses it or pass --pubsub-port`);

function warn(message: string, details: Record<string, unknown>): void {
  process.stderr.write(`${JSON.stringify({ severity: 'WARNING', service: 'pubsub', message, ...details })}\n`);
}
