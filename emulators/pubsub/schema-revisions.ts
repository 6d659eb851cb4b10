import { randomBytes } from 'node:crypto';
import { now } from '../clock.ts';
import type { Broker } from './broker.ts';
import type { SchemaDefinition } from './definitions.ts';
import { checkName, DELETED_SCHEMA } from './names.ts';
import type { SchemaResource } from './resources.ts';
import { compiled } from './schema.ts';
import { failedPrecondition, invalidArgument, notFound } from './status.ts';

// cloud.google.com/pubsub/quotas#resource_limits
const MAX_REVISIONS = 20;

/** The schema that `name`, with or without `@revision`, belongs to. Throws NOT_FOUND. */
export function schemaOf(broker: Broker, name: string): SchemaDefinition {
  const [base = ''] = name.split('@');
  const schema = broker.schemas.get(checkName(base, 'schemas'));
  if (schema === undefined) throw notFound(name);
  return schema;
}

/** A revision by `name@revision`, the newest by `name` alone. Throws NOT_FOUND. */
export function revisionOf(broker: Broker, name: string): SchemaResource {
  const { revisions } = schemaOf(broker, name);
  const [, id] = name.split('@');
  const revision = id === undefined ? revisions.at(-1) : revisions.find(({ revisionId }) => revisionId === id);
  if (revision === undefined) throw notFound(name);
  return revision;
}

/** A revision made now. Throws INVALID_ARGUMENT where its definition does not hold. */
export function newRevision(
  name: string,
  { definition = '', type = 'TYPE_UNSPECIFIED' }: SchemaResource,
): SchemaResource {
  const time = now();
  const revision: SchemaResource = {
    name,
    type,
    definition,
    revisionId: randomBytes(4).toString('hex'),
    revisionCreateTime: { seconds: Math.floor(time / 1000), nanos: (time % 1000) * 1_000_000 },
  };
  compiled(revision);
  return revision;
}

/** Commits a revision of the schema's type; a schema has a limited number of them. */
export function addRevision(broker: Broker, name: string, given: SchemaResource): SchemaResource {
  const schema = schemaOf(broker, name);
  if (schema.revisions.length >= MAX_REVISIONS)
    throw failedPrecondition(`The schema ${name} has ${MAX_REVISIONS} revisions, the most there may be.`);
  const type = given.type ?? 'TYPE_UNSPECIFIED';
  if (type !== schema.revisions[0]?.type) throw invalidArgument('A revision must be of the same type as its schema.');
  const revision = newRevision(name, given);
  schema.revisions.push(revision);
  broker.save();
  return revision;
}

/** Topics that use a schema outlive it, and say that it is gone; nothing can be published to them. */
export function removeSchema(broker: Broker, name: string): void {
  broker.schemas.delete(name);
  for (const topic of broker.topics.values()) {
    const { schemaSettings } = topic.resource;
    if (schemaSettings?.schema === name)
      topic.resource = { ...topic.resource, schemaSettings: { ...schemaSettings, schema: DELETED_SCHEMA } };
  }
  broker.save();
}

/** Deletes the revision that `name@revision` names; answers with the newest that is left. */
export function deleteRevision(broker: Broker, name: string): SchemaResource {
  const schema = schemaOf(broker, name);
  if (!name.includes('@')) throw invalidArgument('The name must have a revision id, as in "…@c7cfa2a8".');
  const revision = revisionOf(broker, name);
  if (schema.revisions.length === 1) throw invalidArgument('The only revision of a schema cannot be deleted.');
  schema.revisions = schema.revisions.filter((other) => other !== revision);
  broker.save();
  return schema.revisions.at(-1) ?? revision;
}
