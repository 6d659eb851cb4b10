import { randomBytes } from 'node:crypto';
import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import type { SchemaDefinition } from './definitions.ts';
import { checkName, checkProject } from './names.ts';
import { type PageRequest, page } from './pages.ts';
import type { Encoding, SchemaResource } from './resources.ts';
import { type Method, unary } from './rpc.ts';
import { compiled } from './schema.ts';
import { alreadyExists, failedPrecondition, invalidArgument, notFound } from './status.ts';

const PACKAGE = 'google.pubsub.v1';
const MAX_REVISIONS = 20;

type View = 'SCHEMA_VIEW_UNSPECIFIED' | 'BASIC' | 'FULL';

interface NameRequest {
  name?: string;
  view?: View;
}

interface SchemaList {
  schemas: SchemaResource[];
  nextPageToken: string;
}

/** google.pubsub.v1.SchemaService. */
export function schemaMethods(broker: Broker, authorization: Authorization): Method[] {
  const method = <Request extends object, Response extends object>(
    name: string,
    response: string,
    handle: (request: Request) => Response,
  ) =>
    unary<Request, Response>(
      `/${PACKAGE}.SchemaService/${name}`,
      `${PACKAGE}.${name}Request`,
      response.includes('.') ? response : `${PACKAGE}.${response}`,
      authorization.mayAdminister,
      handle,
    );
  return [
    method<{ parent?: string; schema?: SchemaResource; schemaId?: string }, SchemaResource>(
      'CreateSchema',
      'Schema',
      ({ parent, schema = {}, schemaId }) => {
        const name = checkName(`${checkProject(parent)}/schemas/${schemaId ?? ''}`, 'schemas');
        if (broker.schemas.has(name)) throw alreadyExists(name);
        const revision = newRevision(name, schema);
        broker.schemas.set(name, { revisions: [revision] });
        broker.save();
        return revision;
      },
    ),
    method<NameRequest, SchemaResource>('GetSchema', 'Schema', ({ name = '', view }) =>
      seen(revisionOf(broker, name), view ?? 'FULL'),
    ),
    method<{ parent?: string; view?: View } & PageRequest, SchemaList>(
      'ListSchemas',
      'ListSchemasResponse',
      (request) => {
        const prefix = `${checkProject(request.parent)}/`;
        const all = [...broker.schemas].filter(([name]) => name.startsWith(prefix));
        const { items, nextPageToken } = page(all, ([name]) => name, request);
        return { schemas: items.map(([name]) => seen(revisionOf(broker, name), request.view)), nextPageToken };
      },
    ),
    method<NameRequest & PageRequest, SchemaList>('ListSchemaRevisions', 'ListSchemaRevisionsResponse', (request) => {
      const { revisions } = schemaOf(broker, request.name ?? '');
      // Newest first, in an order that a page token can name.
      const numbered = revisions
        .toReversed()
        .map((revision, index) => ({ revision, key: String(index).padStart(4, '0') }));
      const { items, nextPageToken } = page(numbered, ({ key }) => key, request);
      return {
        schemas: items.map(({ revision }) =>
          seen({ ...revision, name: `${revision.name}@${revision.revisionId}` }, request.view),
        ),
        nextPageToken,
      };
    }),
    method<{ name?: string; schema?: SchemaResource }, SchemaResource>(
      'CommitSchema',
      'Schema',
      ({ name = '', schema = {} }) => addRevision(broker, name, schema),
    ),
    method<{ name?: string; revisionId?: string }, SchemaResource>(
      'RollbackSchema',
      'Schema',
      ({ name = '', revisionId }) => addRevision(broker, name, revisionOf(broker, `${name}@${revisionId ?? ''}`)),
    ),
    method<{ name?: string }, SchemaResource>('DeleteSchemaRevision', 'Schema', ({ name = '' }) =>
      deleteRevision(broker, name),
    ),
    method<{ name?: string }, object>('DeleteSchema', 'google.protobuf.Empty', ({ name = '' }) => {
      schemaOf(broker, name);
      broker.schemas.delete(name);
      broker.save();
      return {};
    }),
    method<{ parent?: string; schema?: SchemaResource }, object>(
      'ValidateSchema',
      'ValidateSchemaResponse',
      ({ parent, schema = {} }) => {
        checkProject(parent);
        compiled(schema);
        return {};
      },
    ),
    method<{ parent?: string; name?: string; schema?: SchemaResource; message?: Buffer; encoding?: Encoding }, object>(
      'ValidateMessage',
      'ValidateMessageResponse',
      ({ parent, name, schema, message, encoding }) => {
        checkProject(parent);
        if (encoding !== 'JSON' && encoding !== 'BINARY') throw invalidArgument('An encoding must be given.');
        const held = compiled(schema ?? revisionOf(broker, name ?? ''));
        const problem = held.problemWith(message ?? Buffer.alloc(0), encoding);
        if (problem !== undefined)
          throw invalidArgument(`Invalid data in message: Message failed schema validation: ${problem}`);
        return {};
      },
    ),
  ];
}

/** The schema that `name`, with or without `@revision`, belongs to. */
function schemaOf(broker: Broker, name: string): SchemaDefinition {
  const [base = ''] = name.split('@');
  const schema = broker.schemas.get(checkName(base, 'schemas'));
  if (schema === undefined) throw notFound(name);
  return schema;
}

function revisionOf(broker: Broker, name: string): SchemaResource {
  const { revisions } = schemaOf(broker, name);
  const [, id] = name.split('@');
  const revision = id === undefined ? revisions.at(-1) : revisions.find(({ revisionId }) => revisionId === id);
  if (revision === undefined) throw notFound(name);
  return revision;
}

function newRevision(name: string, { definition = '', type = 'TYPE_UNSPECIFIED' }: SchemaResource): SchemaResource {
  const now = Date.now();
  const revision: SchemaResource = {
    name,
    type,
    definition,
    revisionId: randomBytes(4).toString('hex'),
    revisionCreateTime: { seconds: Math.floor(now / 1000), nanos: (now % 1000) * 1_000_000 },
  };
  compiled(revision);
  return revision;
}

function addRevision(broker: Broker, name: string, given: SchemaResource): SchemaResource {
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

function deleteRevision(broker: Broker, name: string): SchemaResource {
  const schema = schemaOf(broker, name);
  if (!name.includes('@')) throw invalidArgument('The name must have a revision id, as in "…@c7cfa2a8".');
  const revision = revisionOf(broker, name);
  if (schema.revisions.length === 1) throw invalidArgument('The only revision of a schema cannot be deleted.');
  schema.revisions = schema.revisions.filter((other) => other !== revision);
  broker.save();
  return schema.revisions.at(-1) ?? revision;
}

/** BASIC, which lists use by default, leaves the definition out. */
function seen(schema: SchemaResource, view: View | undefined): SchemaResource {
  return view === 'FULL' ? schema : { ...schema, definition: '' };
}
