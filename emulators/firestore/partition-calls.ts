import type { Engine } from './engine.ts';
import { NAME } from './field-path.ts';
import { rootOf } from './names.ts';
import type { Document, google } from './proto.ts';
import type { Query } from './query.ts';
import { openView } from './read-view.ts';
import { runQuery } from './run-query.ts';
import { invalidArgument } from './status.ts';

type V1 = typeof google.firestore.v1;

/** Where to cut a collection group's documents, in the order of their names, into parts of about one size. */
export async function partitionQuery(
  engine: Engine,
  request: InstanceType<V1['PartitionQueryRequest']>,
): Promise<object> {
  const { parent, structuredQuery, pageSize, pageToken } = request;
  const count = Number(request.partitionCount);
  if (count < 1) throw invalidArgument('partition_count must be positive');
  if (structuredQuery == null) throw invalidArgument('A query must be structured.');
  const query = engine.query(parent, structuredQuery);
  if (!isWholeGroup(query)) {
    throw invalidArgument('Only collection group queries ordered by document name are supported.');
  }
  const { at } = await openView(engine, rootOf(parent), request, { query });
  const cuts = cutsOf(runQuery(engine, query, at), count);
  await engine.settled();
  const first = pageToken === '' ? 0 : Number(pageToken);
  if (!Number.isSafeInteger(first) || first < 0) throw invalidArgument('The page token is not one of this call.');
  const end = first + (pageSize > 0 ? pageSize : cuts.length);
  return {
    partitions: cuts.slice(first, end).map(({ name }) => ({ values: [{ referenceValue: name }], before: true })),
    nextPageToken: end < cuts.length ? String(end) : '',
  };
}

function isWholeGroup({ scope, disjuncts, sort, start, end, offset, limit }: Query): boolean {
  const [only, ...others] = sort;
  const isByName = others.length === 0 && only?.fieldPath === NAME && only.direction === 1;
  const isWhole = disjuncts.every((conditions) => conditions.length === 0) && start === undefined && end === undefined;
  return scope.allDescendants && isByName && isWhole && offset === 0 && limit === undefined;
}

/** The first documents of all parts but the first; fewer where there are not as many documents. */
function cutsOf(documents: readonly Document[], count: number): Document[] {
  const parts = Math.min(count + 1, documents.length);
  return Array.from(
    { length: Math.max(0, parts - 1) },
    (_, part) => documents[Math.floor(((part + 1) * documents.length) / parts)] as Document,
  );
}
