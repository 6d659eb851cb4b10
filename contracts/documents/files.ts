import type { CollectedOperation, Contracts } from '../collect.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { type CommittedFieldNumbers, extendFieldNumbers } from './field-numbers.ts';
import { messageShape } from './message-shape.ts';
import { openApiDocument } from './openapi.ts';
import { byName } from './order.ts';
import { protoSchema } from './proto.ts';
import { snapshotOf } from './snapshot.ts';

const TITLE = 'Millrace';
const VERSION = '1';
/** Names that resolve nowhere (RFC 6761): infra/ writes the document of a stack with that stack's addresses. */
const PLACEHOLDER_DOMAIN = 'millrace.invalid';
const PLACEHOLDER_DEADLINE_SECONDS = 30;

/** Every generated file's text by its path below contracts/. `numbers` are the field numbers that have been given out. */
export function generatedFiles({ operations, events }: Contracts, numbers: CommittedFieldNumbers): Map<string, string> {
  const extended: CommittedFieldNumbers = byName({
    ...numbers,
    ...Object.fromEntries(
      events.map((event) => [event.topic, extendFieldNumbers(messageShape(event.data), numbers[event.topic])]),
    ),
  });
  return new Map([
    ['generated/openapi.json', json(openApi(operations))],
    ['generated/asyncapi.json', json(asyncApiDocument({ events, title: TITLE, version: VERSION }))],
    ['generated/field-numbers.json', json(extended)],
    ...events.map((event): [string, string] => [
      `generated/schemas/${event.topic}.proto`,
      protoSchema(event, extended[event.topic]),
    ]),
    ...events.map((event): [string, string] => [`history/${event.topic}.json`, json(snapshotOf(event))]),
  ]);
}

function openApi(operations: readonly CollectedOperation[]): unknown {
  return openApiDocument({
    operations,
    title: TITLE,
    version: VERSION,
    server: `https://api.${PLACEHOLDER_DOMAIN}`,
    backends: Object.fromEntries(
      operations.map(({ functionName }) => [
        functionName,
        { address: `https://${functionName}.${PLACEHOLDER_DOMAIN}`, deadlineSeconds: PLACEHOLDER_DEADLINE_SECONDS },
      ]),
    ),
    issuer: `https://identity.${PLACEHOLDER_DOMAIN}`,
    jwksUri: `https://identity.${PLACEHOLDER_DOMAIN}/jwks.json`,
    audience: 'millrace',
  });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
