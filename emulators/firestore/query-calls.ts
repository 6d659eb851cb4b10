import { aggregate, aggregatedFields } from './aggregation.ts';
import type { Engine } from './engine.ts';
import { explainMetrics } from './explain.ts';
import { rootOf } from './names.ts';
import type { google } from './proto.ts';
import type { Query } from './query.ts';
import { type ConsistencySelector, openView } from './read-view.ts';
import type { Call } from './rpc.ts';
import { executeQuery, type Found, planQuery } from './run-query.ts';
import { invalidArgument } from './status.ts';
import { type Micros, toTimestamp } from './time.ts';
import type { Transaction } from './transactions.ts';

type V1 = typeof google.firestore.v1;

export async function runQueryCall(
  engine: Engine,
  request: InstanceType<V1['RunQueryRequest']>,
  call: Call,
): Promise<Iterable<object>> {
  const { parent, structuredQuery, explainOptions } = request;
  if (structuredQuery == null) throw invalidArgument('A query must be structured.');
  const query = engine.query(parent, structuredQuery);
  if (explainOptions != null && !explainOptions.analyze) return [planOf(engine, query)];
  const startedMs = performance.now();
  const { found, readTime, began } = await executed(engine, parent, request, query, call);
  const { documents, indexes, scanned } = found;
  const time = toTimestamp(readTime);
  const responses: object[] = documents.map((document) => ({ document: query.project(document), readTime: time }));
  if (explainOptions != null) {
    const results = documents.length;
    const metrics = explainMetrics(query, indexes, { results, documents: results, scanned, startedMs });
    responses.push({ ...responses.pop(), readTime: time, explainMetrics: metrics });
  } else {
    // The last message carries the read time of a query that finds nothing.
    responses.push({ readTime: time, skippedResults: query.offset });
  }
  if (began !== undefined) responses.unshift({ transaction: began.id });
  return responses;
}

export async function runAggregationCall(
  engine: Engine,
  request: InstanceType<V1['RunAggregationQueryRequest']>,
  call: Call,
): Promise<Iterable<object>> {
  const { parent, structuredAggregationQuery, explainOptions } = request;
  const { structuredQuery, aggregations } = structuredAggregationQuery ?? {};
  if (structuredQuery == null) throw invalidArgument('An aggregation query must have a structured query.');
  const query = engine.query(parent, structuredQuery, aggregatedFields(aggregations ?? []));
  if (explainOptions != null && !explainOptions.analyze) return [planOf(engine, query)];
  const startedMs = performance.now();
  const { found, readTime, began } = await executed(engine, parent, request, query, call);
  const aggregateFields = aggregate(aggregations ?? [], found.documents);
  const execution = { results: 1, documents: found.documents.length, scanned: found.scanned, startedMs };
  return [
    {
      result: { aggregateFields },
      readTime: toTimestamp(readTime),
      ...(began === undefined ? {} : { transaction: began.id }),
      ...(explainOptions == null ? {} : { explainMetrics: explainMetrics(query, found.indexes, execution) }),
    },
  ];
}

interface Executed {
  found: Found;
  readTime: Micros;
  began: Transaction | undefined;
}

async function executed(
  engine: Engine,
  parent: string,
  request: ConsistencySelector,
  query: Query,
  call: Call,
): Promise<Executed> {
  const { at, readTime, began } = await openView(engine, rootOf(parent), request, { query }, call);
  const found = executeQuery(engine, query, at);
  await engine.settled();
  return { found, readTime, began };
}

function planOf(engine: Engine, query: Query): object {
  const indexes = planQuery(engine, query).map(({ fields }) => fields);
  return { explainMetrics: explainMetrics(query, indexes) };
}
