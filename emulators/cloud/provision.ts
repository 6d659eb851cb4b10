import { type PubSub, v1 } from '@google-cloud/pubsub';
import type { CallOptions } from 'google-gax';
import type { LocalPlan, LocalSubscription } from '../../infra/local-plan.ts';
import { administratorsClient } from './administrator.ts';

/**
 * Makes Pub/Sub's topics, schemas and subscriptions what the plan says, through the same API that Pulumi uses: what is missing is
 * created, what differs is changed, what the plan has no more is deleted. Messages on what stays are kept.
 * `callOptions` say who asks.
 */
export async function provisionPubSub(plan: LocalPlan, port: number, callOptions: CallOptions): Promise<void> {
  // There is no Google here to look for.
  process.env.METADATA_SERVER_DETECTION = 'none';
  const client = administratorsClient(plan.project, port, callOptions);
  const schemaService = new v1.SchemaServiceClient({
    servicePath: '127.0.0.1',
    port,
    sslCreds: (await import('google-gax')).grpc.credentials.createInsecure(),
  });
  try {
    const schemas = await existingSchemas(schemaService, plan.project, callOptions);
    const [topics] = await client.getTopics();
    const existingTopics = new Set(topics.map(({ name }) => lastPart(name)));
    const withSchema = new Set(
      topics.flatMap(({ name, metadata }) => (metadata?.schemaSettings ? [lastPart(name)] : [])),
    );
    for (const { name, schema } of plan.topics) {
      if (schema !== undefined && schemas.get(name) !== schema)
        await putSchema(schemaService, plan.project, name, schema, schemas.has(name), callOptions);
      const schemaSettings =
        schema === undefined
          ? undefined
          : { schema: `projects/${plan.project}/schemas/${name}`, encoding: 'JSON' as const };
      if (!existingTopics.has(name))
        await client.createTopic({ name, ...(schemaSettings === undefined ? {} : { schemaSettings }) });
      else if (schemaSettings !== undefined && !withSchema.has(name))
        await client.topic(name).setMetadata({ schemaSettings });
    }
    await provisionSubscriptions(client, plan);
    const planned = new Set(plan.topics.map(({ name }) => name));
    for (const name of existingTopics)
      if (!planned.has(name) && !name.startsWith('demo-')) await client.topic(name).delete();
  } finally {
    await Promise.all([client.close(), schemaService.close()]);
  }
}

async function provisionSubscriptions(client: PubSub, plan: LocalPlan): Promise<void> {
  const [subscriptions] = await client.getSubscriptions();
  const existing = new Map(subscriptions.map(({ name, metadata }) => [lastPart(name), metadata]));
  for (const subscription of plan.subscriptions) {
    const options = subscriptionOptions(subscription, plan.project);
    const found = existing.get(subscription.name);
    if (found !== undefined && lastPart(found?.topic ?? '') !== subscription.topic) {
      await client.subscription(subscription.name).delete();
      existing.delete(subscription.name);
    }
    if (!existing.has(subscription.name))
      await client.topic(subscription.topic).createSubscription(subscription.name, options);
    else if (found?.pushConfig?.pushEndpoint !== options.pushEndpoint) {
      await client.subscription(subscription.name).modifyPushConfig({
        pushEndpoint: options.pushEndpoint ?? '',
        ...(options.oidcToken === undefined ? {} : { oidcToken: options.oidcToken }),
      });
    }
  }
  const planned = new Set(plan.subscriptions.map(({ name }) => name));
  for (const name of existing.keys())
    if (!planned.has(name) && !name.startsWith('demo-')) await client.subscription(name).delete();
}

function subscriptionOptions(subscription: LocalSubscription, project: string) {
  const { pushEndpoint, serviceAccount, audience, deadLetter, retry } = subscription;
  const duration = (seconds: number) => ({ seconds: Math.floor(seconds), nanos: Math.round((seconds % 1) * 1e9) });
  return {
    ...(pushEndpoint === undefined ? {} : { pushEndpoint }),
    ...(serviceAccount === undefined
      ? {}
      : { oidcToken: { serviceAccountEmail: serviceAccount, ...(audience === undefined ? {} : { audience }) } }),
    enableMessageOrdering: subscription.ordered,
    ackDeadlineSeconds: subscription.ackDeadlineSeconds,
    retryPolicy: { minimumBackoff: duration(retry.minSeconds), maximumBackoff: duration(retry.maxSeconds) },
    ...(deadLetter === undefined
      ? {}
      : {
          deadLetterPolicy: {
            deadLetterTopic: `projects/${project}/topics/${deadLetter.topic}`,
            maxDeliveryAttempts: deadLetter.maxAttempts,
          },
        }),
    ...(subscription.filter === '' ? {} : { filter: subscription.filter }),
  };
}

async function existingSchemas(
  service: v1.SchemaServiceClient,
  project: string,
  callOptions: CallOptions,
): Promise<Map<string, string>> {
  const schemas = new Map<string, string>();
  const request = { parent: `projects/${project}`, view: 'FULL' as const };
  for await (const { name, definition } of service.listSchemasAsync(request, { ...callOptions, autoPaginate: false }))
    schemas.set(lastPart(name ?? ''), definition ?? '');
  return schemas;
}

async function putSchema(
  service: v1.SchemaServiceClient,
  project: string,
  schemaId: string,
  definition: string,
  exists: boolean,
  callOptions: CallOptions,
): Promise<void> {
  const parent = `projects/${project}`;
  const name = `${parent}/schemas/${schemaId}`;
  const schema = { name, type: 'PROTOCOL_BUFFER' as const, definition };
  if (exists) await service.commitSchema({ name, schema }, callOptions);
  else await service.createSchema({ parent, schemaId, schema }, callOptions);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
