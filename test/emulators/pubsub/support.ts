import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration, type Message, PubSub, type Subscription, v1 } from '@google-cloud/pubsub';
import { credentials } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import type { PubSubOptions } from '../../../emulators/pubsub/options.ts';
import { type PubSub as LocalPubSub, startPubSub } from '../../../emulators/pubsub/server.ts';

// Without this the client looks for Google's metadata server before its first call.
process.env.METADATA_SERVER_DETECTION = 'none';

export const PROJECT = 'millrace-test';

/** A folder that is gone when the test is over. */
export function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-pubsub-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Local {
  server: LocalPubSub;
  client: PubSub;
}

/** A local Pub/Sub of the test's own and an official client of it. */
export async function local(t: ExecutionContext, options: Partial<PubSubOptions> = {}): Promise<Local> {
  const server = await startPubSub({ port: 0, dataDir: temporaryFolder(t), ...options });
  t.teardown(() => server.close());
  return { server, client: officialClient(t, server.port) };
}

const opened = new Map<PubSub, Set<Subscription>>();

export function officialClient(t: ExecutionContext, port: number): PubSub {
  const client = new PubSub({ projectId: PROJECT, apiEndpoint: `127.0.0.1:${port}`, emulatorMode: true });
  const subscriptions = new Set<Subscription>();
  opened.set(client, subscriptions);
  t.teardown(async () => {
    // An open subscription connects again for ever, and closing it waits for a server that may be dead.
    for (const subscription of subscriptions) {
      subscription.setOptions({ closeOptions: { timeout: Duration.from({ seconds: 1 }) } });
      await subscription.close();
    }
    await client.close();
  });
  return client;
}

/** Opens the subscription and resolves with its first `count` messages, acknowledged unless `handle` does otherwise. */
export async function receive(
  subscription: Subscription,
  count: number,
  handle: (message: Message) => void = (message) => message.ack(),
): Promise<Message[]> {
  opened.get(subscription.pubsub)?.add(subscription);
  const messages: Message[] = [];
  await new Promise<void>((resolve, reject) => {
    subscription.on('error', reject);
    subscription.on('message', (message: Message) => {
      messages.push(message);
      handle(message);
      if (messages.length === count) resolve();
    });
  });
  return messages;
}

export const text = (message: Message): string => message.data.toString();

/** Resolves once the condition holds; the test's own time limit is what ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** One push request as it arrived. */
export interface Pushed {
  headers: IncomingMessage['headers'];
  body: {
    message: {
      data?: string;
      attributes?: Record<string, string>;
      messageId: string;
      message_id: string;
      publishTime: string;
      publish_time: string;
      orderingKey?: string;
    };
    subscription: string;
    deliveryAttempt?: number;
  };
}

/** An HTTP endpoint that records what is pushed to it and answers as told. */
export async function pushEndpoint(
  t: ExecutionContext,
  answer: (pushed: Pushed) => number | Promise<number> = () => 204,
): Promise<{ url: string; pushed: Pushed[] }> {
  const pushed: Pushed[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const one = { headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) };
    pushed.push(one);
    response.statusCode = await answer(one);
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  t.teardown(() => server.closeAllConnections());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}/push`, pushed };
}

interface LocalProcess {
  port: number;
  /** kill -9. */
  kill(): Promise<void>;
  request(method: string): Promise<unknown>;
  stderr(): string;
}

/** The local Pub/Sub in a process of its own, as the supervisor starts it. */
export async function localProcess(t: ExecutionContext, options: PubSubOptions): Promise<LocalProcess> {
  const child = fork('emulators/pubsub/main.ts', [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  t.teardown(() => child.kill('SIGKILL'));
  // Not 'exit': what the process said last may come after that.
  const exited = once(child, 'close');
  const [first] = await Promise.race([once(child, 'message'), exited.then(() => [undefined])]);
  const ready = first as { port: number } | undefined;
  if (ready === undefined) throw new Error(stderr);
  let lastId = 0;
  return {
    port: ready.port,
    stderr: () => stderr,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    request: (method) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        const listen = (answer: { id: number; result?: unknown; error?: string }) => {
          if (answer.id !== id) return;
          child.off('message', listen);
          if (answer.error === undefined) resolve(answer.result);
          else reject(new Error(answer.error));
        };
        child.on('message', listen);
        child.send({ id, method });
      }),
  };
}

/** The generated client below the official one: unary pull, acks by id. */
export function subscriberClient(t: ExecutionContext, port: number): v1.SubscriberClient {
  const client = new v1.SubscriberClient({
    projectId: PROJECT,
    servicePath: '127.0.0.1',
    port,
    sslCreds: credentials.createInsecure(),
  });
  t.teardown(() => client.close());
  return client;
}

/** The same for publishing: a request as it is given. */
export function publisherClient(t: ExecutionContext, port: number): v1.PublisherClient {
  const client = new v1.PublisherClient({
    projectId: PROJECT,
    servicePath: '127.0.0.1',
    port,
    sslCreds: credentials.createInsecure(),
  });
  t.teardown(() => client.close());
  return client;
}

interface Pulled {
  ackId: string;
  text: string;
  messageId: string;
}

export async function pull(client: v1.SubscriberClient, subscription: string, maxMessages = 100): Promise<Pulled[]> {
  const [{ receivedMessages }] = await client.pull({ subscription, maxMessages });
  return (receivedMessages ?? []).map(({ ackId, message }) => ({
    ackId: ackId ?? '',
    text: Buffer.from(message?.data ?? '').toString(),
    messageId: message?.messageId ?? '',
  }));
}
