import { PubSub } from '@google-cloud/pubsub';
import type { CallOptions } from 'google-gax';
import type { LocalPlan } from '../../infra/local-plan.ts';
import { idTokenSource } from '../identity/id-token-source.ts';

/** The service account that stands for whoever runs `pulumi up`: it may do everything at Pub/Sub. */
export function administratorOf({ project }: Pick<LocalPlan, 'project'>): string {
  return `administrator@${project}.iam.gserviceaccount.com`;
}

/** Call options that carry the administrator's identity token. */
export async function asAdministrator(plan: Pick<LocalPlan, 'project'>, identityUrl: string): Promise<CallOptions> {
  const token = await idTokenSource({ identityUrl, serviceAccount: administratorOf(plan) })('pubsub');
  return { otherArgs: { headers: { authorization: `Bearer ${token}` } } };
}

/** The official client with these call options on each administrative request: it takes no credentials for an emulator. */
export function administratorsClient(projectId: string, port: number, callOptions: CallOptions): PubSub {
  const client = new PubSub({ projectId, apiEndpoint: `127.0.0.1:${port}`, emulatorMode: true });
  const request = client.request.bind(client);
  client.request = (config, callback) =>
    request({ ...config, gaxOpts: { ...config.gaxOpts, ...callOptions } }, callback);
  return client;
}
