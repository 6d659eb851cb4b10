import { join } from 'node:path';
import { type Child, startChild } from '../../../emulators/cloud/child.ts';
import { hostedFunctions, serviceVariables } from '../../../emulators/cloud/environment.ts';
import { ROOT } from '../../../emulators/cloud/plan.ts';
import { idTokenSource } from '../../../emulators/identity/id-token-source.ts';
import { freePort } from '../../../emulators/ports.ts';
import type { OwnCloud } from './own-cloud.ts';

/** One more process that serves a cloud's functions, as Cloud Run starts them, which the test can address by itself. */
export interface Instance {
  child: Child;
  /** Delivers an event to one of its functions as Pub/Sub would, and resolves with the HTTP status. */
  push(functionName: string, message: PushedMessage): Promise<number>;
}

export interface PushedMessage {
  messageId: string;
  attributes: Record<string, string>;
  /** The payload's JSON text. */
  data: string;
  orderingKey?: string;
}

export async function startInstance({ cloud, ports }: OwnCloud, name: string): Promise<Instance> {
  const { options, plan, secrets } = cloud;
  const port = await freePort();
  const variables = serviceVariables(plan, options, secrets);
  const identityUrl = `http://127.0.0.1:${ports.identity}`;
  const child = await startChild({
    name,
    module: join(ROOT, 'emulators', 'host', 'main.ts'),
    options: () => ({
      port,
      origin: `http://127.0.0.1:${ports.host}`,
      identityUrl,
      functions: hostedFunctions(plan, options, variables),
      isolate: false,
      idleSeconds: 60,
    }),
    env: { ...variables, TRACE_FILE: join(options.folder, 'traces', `spans-${name}.ndjson`) },
    logFile: join(options.folder, 'logs', `${name}.log`),
  });
  return {
    child,
    async push(functionName, message) {
      const subscription = plan.subscriptions.find((each) => each.function === functionName);
      const { serviceAccount = '', audience = '' } = subscription ?? {};
      const token = await idTokenSource({ identityUrl, serviceAccount })(audience);
      const answer = await fetch(`http://127.0.0.1:${port}/${functionName}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({
          message: { ...message, data: Buffer.from(message.data).toString('base64') },
          subscription: functionName,
        }),
      });
      await answer.arrayBuffer();
      return answer.status;
    },
  };
}
