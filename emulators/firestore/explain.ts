import { NAME } from './field-path.ts';
import type { IndexFields, IndexMode } from './ordered-index.ts';
import { nameDirection } from './ordered-index.ts';
import type { Query } from './query.ts';

/** What running a query took. */
export interface Execution {
  /** Messages' worth of results: documents, or 1 for aggregations. */
  results: number;
  scanned: number;
  /** Documents found before any aggregation. */
  documents: number;
  startedMs: number;
}

const ABBREVIATIONS: Record<IndexMode, string> = { ASCENDING: 'ASC', DESCENDING: 'DESC', CONTAINS: 'CONTAINS' };

/**
 * google.firestore.v1.ExplainMetrics: the indexes that answer a query and, where it was run, what that took.
 * https://firebase.google.com/docs/firestore/query-explain
 */
export function explainMetrics(query: Query, indexes: readonly IndexFields[], execution?: Execution): object {
  const planSummary = { indexesUsed: indexes.map((fields) => struct(indexSummary(query, fields))) };
  return execution === undefined ? { planSummary } : { planSummary, executionStats: executionStats(execution) };
}

function indexSummary({ scope, nearest }: Query, fields: IndexFields): Record<string, string> {
  const properties = fields.map(({ fieldPath, mode }) => `${fieldPath} ${ABBREVIATIONS[mode]}`);
  properties.push(`${NAME} ${nameDirection(fields) === 1 ? 'ASC' : 'DESC'}`);
  if (nearest !== undefined) properties.push(`${nearest.fieldPath} VECTOR<${nearest.dimensions}>`);
  return {
    query_scope: scope.allDescendants ? 'Collection group' : 'Collection',
    properties: `(${properties.join(', ')})`,
  };
}

function executionStats({ results, scanned, documents, startedMs }: Execution): object {
  const readOperations = Math.max(1, documents);
  const elapsedNanos = Math.max(1, Math.round((performance.now() - startedMs) * 1e6));
  const billed = {
    documents_billable: String(readOperations),
    index_entries_billable: '0',
    min_query_cost: '0',
    small_ops: '0',
  };
  return {
    resultsReturned: results,
    executionDuration: { seconds: Math.floor(elapsedNanos / 1e9), nanos: elapsedNanos % 1e9 },
    readOperations,
    debugStats: {
      fields: {
        ...struct({ indexes_entries_scanned: String(scanned), documents_scanned: String(scanned) }).fields,
        billing_details: { structValue: struct(billed) },
      },
    },
  };
}

/** google.protobuf.Struct. */
function struct(values: Record<string, string>): { fields: Record<string, object> } {
  return { fields: Object.fromEntries(Object.entries(values).map(([name, stringValue]) => [name, { stringValue }])) };
}
