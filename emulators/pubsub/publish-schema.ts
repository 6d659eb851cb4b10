import type { SchemaDefinition } from './definitions.ts';
import {
  buildPublishRequest,
  decodeMessage,
  encodeAttributes,
  messageSpans,
  type PublishRequest,
} from './message-wire.ts';
import type { SchemaResource } from './resources.ts';
import { compiled, invalidMessage } from './schema.ts';
import { failedPrecondition } from './status.ts';
import type { Topic } from './topic.ts';

/**
 * Checks each message against the topic's schema and adds the attributes that tell its reader which one it met.
 * One message that fits no permitted revision refuses the whole request, as in the service.
 */
export function applySchema(
  schemas: Map<string, SchemaDefinition>,
  topic: Topic,
  request: PublishRequest,
): PublishRequest {
  const settings = topic.resource.schemaSettings ?? {};
  const encoding = settings.encoding === 'BINARY' ? 'BINARY' : 'JSON';
  const revisions = permittedRevisions(schemas, topic);
  const { raw, spans } = request;
  const bodies: Buffer[] = [];
  for (let at = 0; at < spans.length; at += 2) {
    const from = spans[at] as number;
    const to = spans[at + 1] as number;
    const met = firstMet(revisions, decodeMessage(raw, from, to).data, encoding);
    bodies.push(Buffer.concat([raw.subarray(from, to), schemaAttributes(met, encoding)]));
  }
  const rebuilt = buildPublishRequest(request.topic, bodies, Buffer.alloc(0));
  return { topic: request.topic, raw: rebuilt, spans: messageSpans(rebuilt) };
}

/** Newest first: what producers send as a rule. */
function permittedRevisions(schemas: Map<string, SchemaDefinition>, topic: Topic): SchemaResource[] {
  const { schema: name = '', firstRevisionId, lastRevisionId } = topic.resource.schemaSettings ?? {};
  const revisions = schemas.get(name)?.revisions;
  if (revisions === undefined) throw failedPrecondition(`The schema of ${topic.name} has been deleted.`);
  const first = firstRevisionId ? revisions.findIndex((revision) => revision.revisionId === firstRevisionId) : 0;
  const last = lastRevisionId
    ? revisions.findIndex((revision) => revision.revisionId === lastRevisionId)
    : revisions.length - 1;
  return revisions.slice(Math.max(first, 0), last + 1).reverse();
}

function firstMet(revisions: SchemaResource[], data: Buffer, encoding: 'JSON' | 'BINARY'): SchemaResource {
  let problem = 'the topic permits no revision of its schema';
  for (const revision of revisions) {
    const found = compiled(revision).problemWith(data, encoding);
    if (found === undefined) return revision;
    problem = `revision_id=${revision.revisionId} failed with status: ${found}`;
  }
  const [last] = revisions;
  throw invalidMessage(last?.type, encoding, `Could not validate message with any schema revision: ${problem}`);
}

const attributesByRevision = new WeakMap<SchemaResource, Map<string, Buffer>>();

function schemaAttributes(revision: SchemaResource, encoding: string): Buffer {
  const byEncoding = attributesByRevision.get(revision) ?? new Map<string, Buffer>();
  attributesByRevision.set(revision, byEncoding);
  let bytes = byEncoding.get(encoding);
  if (bytes === undefined) {
    bytes = encodeAttributes({
      googclient_schemaencoding: encoding,
      googclient_schemaname: (revision.name ?? '').split('@')[0] ?? '',
      googclient_schemarevisionid: revision.revisionId ?? '',
    });
    byEncoding.set(encoding, bytes);
  }
  return bytes;
}
