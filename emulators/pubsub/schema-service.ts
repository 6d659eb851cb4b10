import { type PageRequest, page } from '../rpc/pages.ts';
import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import { checkName, checkProject } from './names.ts';
import type { Encoding, SchemaResource } from './resources.ts';
import { type Method, methodsOf } from './rpc.ts';
import { compiled, invalidMessage } from './schema.ts';
import { addRevision, deleteRevision, newRevision, removeSchema, revisionOf, schemaOf } from './schema-revisions.ts';
import { alreadyExists, invalidArgument } from './status.ts';

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
  const method = methodsOf('google.pubsub.v1.SchemaService', authorization.mayAdminister);
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
      ({ name = '', revisionId }) => {
        if (!revisionId) throw invalidArgument('The revision to roll back to must be given.');
        return addRevision(broker, name, revisionOf(broker, `${name}@${revisionId}`));
      },
    ),
    method<{ name?: string }, SchemaResource>('DeleteSchemaRevision', 'Schema', ({ name = '' }) =>
      deleteRevision(broker, name),
    ),
    method<{ name?: string }, object>('DeleteSchema', 'google.protobuf.Empty', ({ name = '' }) => {
      schemaOf(broker, name);
      removeSchema(broker, name);
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
        const held = schema ?? revisionOf(broker, name ?? '');
        const problem = compiled(held).problemWith(message ?? Buffer.alloc(0), encoding);
        if (problem !== undefined) throw invalidMessage(held.type, encoding, problem);
        return {};
      },
    ),
  ];
}

/** BASIC, which lists use by default, leaves the definition out. */
function seen(schema: SchemaResource, view: View | undefined): SchemaResource {
  return view === 'FULL' ? schema : { ...schema, definition: '' };
}
