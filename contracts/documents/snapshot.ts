import * as z from 'zod';
import type { Event } from '../kit/event.ts';
import { compatibilityProblems } from './compatibility.ts';
import type { JsonSchema } from './json-schema.ts';

/** One published version of an event, as history/<topic>.json keeps it. */
export interface EventSnapshot {
  topic: string;
  scope: string;
  orderBy: string | null;
  ingress: boolean;
  schema: JsonSchema;
}

export function snapshotOf({ topic, scope, orderBy, ingress, data }: Event): EventSnapshot {
  return { topic, scope, orderBy: orderBy ?? null, ingress, schema: z.toJSONSchema(data, { io: 'input' }) };
}

/** Why the event as it is now cannot be the version that was published; empty where it can. */
export function snapshotProblems(published: EventSnapshot, now: EventSnapshot): string[] {
  const settings = (['scope', 'orderBy', 'ingress'] as const)
    .filter((name) => published[name] !== now[name])
    .map((name) => `${name} was ${published[name]} and is ${now[name]}`);
  return [...settings, ...compatibilityProblems(published.schema, now.schema)];
}
