import { runAggregations } from './aggregation.ts';
import type { Engine } from './engine.ts';
import { rootOf } from './names.ts';
import type { google } from './proto.ts';
import { readQuery, runQuery } from './query.ts';
import { openView } from './read-view.ts';
import type { Call } from './rpc.ts';
import { invalidArgument, unimplemented } from './status.ts';
import { toTimestamp } from './time.ts';

type V1 = typeof google.firestore.v1;

export async function runQueryCall(
  engine: Engine,
  request: InstanceType<V1['RunQueryRequest']>,
  call: Call,
): Promise<Iterable<object>> {
  const { parent, structuredQuery, explainOptions } = request;
  if (explainOptions != null) throw unimplemented('explain');
  if (structuredQuery == null) throw invalidArgument('A query must be structured.');
  const query = readQuery(parent, structuredQuery);
  const { at, readTime, began } = await openView(engine, rootOf(parent), request, { query }, call);
  const found = runQuery(engine.store, query, at);
  await engine.settled();
  const time = toTimestamp(readTime);
  // The last message carries the read time of a query that finds nothing.
  const responses: object[] = found.map((document) => ({ document: query.project(document), readTime: time }));
  if (began !== undefined) responses.unshift({ transaction: began.id });
  responses.push({ readTime: time, skippedResults: query.offset });
  return responses;
}

export async function runAggregationCall(
  engine: Engine,
  request: InstanceType<V1['RunAggregationQueryRequest']>,
  call: Call,
): Promise<Iterable<object>> {
  const { parent, structuredAggregationQuery, explainOptions } = request;
  if (explainOptions != null) throw unimplemented('explain');
  const structuredQuery = structuredAggregationQuery?.structuredQuery;
  if (structuredQuery == null) throw invalidArgument('An aggregation query must have a structured query.');
  const query = readQuery(parent, structuredQuery);
  const { at, readTime, began } = await openView(engine, rootOf(parent), request, { query }, call);
  const aggregateFields = runAggregations(engine.store, query, structuredAggregationQuery?.aggregations ?? [], at);
  await engine.settled();
  const response = { result: { aggregateFields }, readTime: toTimestamp(readTime) };
  return [began === undefined ? response : { ...response, transaction: began.id }];
}
