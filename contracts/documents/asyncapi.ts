import type { Event } from '../kit/event.ts';
import { inputSchema, type JsonSchema } from './json-schema.ts';
import { compareText } from './order.ts';

export interface AsyncApiOptions {
  events: readonly Event[];
  title: string;
  version: string;
  /** Names of the functions that publish an event, by topic. */
  publishers?: Readonly<Record<string, readonly string[]>>;
  /** Names of the functions that consume an event, by topic. */
  consumers?: Readonly<Record<string, readonly string[]>>;
}

/** https://github.com/asyncapi/bindings/tree/master/googlepubsub */
const BINDING_VERSION = '0.2.0';

/**
 * The AsyncAPI 3 document of the events: a channel for each topic, its message with the CloudEvents attributes, and who sends and
 * receives it. Without publishers and consumers the platform as a whole does: it receives what comes from outside and sends the rest.
 */
export function asyncApiDocument(options: AsyncApiOptions): Record<string, unknown> {
  const { title, version } = options;
  const events = options.events.toSorted((left, right) => compareText(left.topic, right.topic));
  return {
    asyncapi: '3.0.0',
    info: { title, version },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(events.map((event) => [event.topic, channelOf(event)])),
    operations: Object.fromEntries(events.flatMap((event) => operationsOf(event, options))),
    components: { messages: Object.fromEntries(events.map((event) => [event.topic, messageOf(event)])) },
  };
}

function channelOf({ topic, summary }: Event): Record<string, unknown> {
  return {
    address: topic,
    summary,
    messages: { [topic]: { $ref: `#/components/messages/${topic}` } },
    bindings: { googlepubsub: { schemaSettings: { encoding: 'json', name: topic }, bindingVersion: BINDING_VERSION } },
  };
}

function messageOf(event: Event): Record<string, unknown> {
  const { type, topic, summary, data } = event;
  const key = orderingKeyOf(event);
  return {
    name: type,
    title: topic,
    summary,
    contentType: 'application/json',
    headers: attributesOf(event),
    payload: inputSchema(data),
    bindings: {
      googlepubsub: {
        ...(key === undefined ? {} : { orderingKey: key }),
        schema: { name: topic },
        bindingVersion: BINDING_VERSION,
      },
    },
  };
}

/** A template: `{tenant}` is the attribute, the other is a field of the payload. */
function orderingKeyOf({ orderBy, scope, ingress }: Event): string | undefined {
  if (orderBy === undefined) return undefined;
  return scope === 'tenant' && !ingress ? `{tenant}:{${orderBy}}` : `{${orderBy}}`;
}

/** CloudEvents 1.0 in binary mode. A tenant named from outside is never believed: the topic is bound to one. */
function attributesOf({ type, scope, ingress, orderBy }: Event): JsonSchema {
  const ofTenant = scope === 'tenant' && !ingress;
  const ordered = orderBy !== undefined && !ingress;
  return {
    type: 'object',
    properties: {
      'ce-specversion': { const: '1.0' },
      'ce-id': {
        type: 'string',
        minLength: 1,
        description: 'Unique for ever: an event that comes twice is known by it.',
      },
      'ce-type': { const: type },
      'ce-source': { type: 'string', minLength: 1 },
      'ce-time': { type: 'string', format: 'date-time' },
      ...(ofTenant ? { 'ce-tenant': { type: 'string', format: 'uuid' } } : {}),
      ...(ordered ? { 'ce-sequence': { type: 'string', pattern: '^\\d+$' } } : {}),
      'ce-causation': { type: 'string', minLength: 1 },
      traceparent: { type: 'string' },
      'content-type': { const: 'application/json' },
    },
    required: ['ce-specversion', 'ce-id', 'ce-type', 'ce-source', 'ce-time', ...(ofTenant ? ['ce-tenant'] : [])],
  };
}

function operationsOf(event: Event, { publishers, consumers }: AsyncApiOptions): [string, unknown][] {
  const { topic, ingress } = event;
  const channel = { $ref: `#/channels/${topic}` };
  const named = (action: 'send' | 'receive', functions: readonly string[]): [string, unknown][] =>
    functions.toSorted(compareText).map((title) => [`${title}.${action}.${topic}`, { action, title, channel }]);
  if (publishers === undefined && consumers === undefined) {
    const action = ingress ? 'receive' : 'send';
    return [[`${action}.${topic}`, { action, channel }]];
  }
  return [...named('send', publishers?.[topic] ?? []), ...named('receive', consumers?.[topic] ?? [])];
}
