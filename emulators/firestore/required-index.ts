import { type CompositeIndex, type Field, isOn } from './composite-index.ts';
import type { Condition } from './condition.ts';
import { NAME } from './field-path.ts';
import { isContains, missingIndex, orderOf } from './missing-index.ts';
import type { Query } from './query.ts';

/** What the indexes for one alternative of a query must have between them. */
interface Need {
  /** In whatever order, before all else: fields that must equal a value, and one that must contain one. */
  equal: string[];
  contains: string[];
  /** Behind them, in this order. */
  sorted: Field[];
}

/**
 * Refuses a query that the real service has no index for: FAILED_PRECONDITION, with the definition to add.
 * `aggregated` are the fields that are summed up or averaged. https://firebase.google.com/docs/firestore/query-data/index-overview
 */
export function checkIndexed(query: Query, aggregated: readonly string[], indexes: readonly CompositeIndex[]): void {
  const usable = indexes.filter((index) => isOn(index, query.scope));
  for (const conditions of query.disjuncts) {
    const need = needOf(query, conditions, aggregated);
    if (query.nearest === undefined && isAutomatic(need, query)) continue;
    if (!isCovered(need, usable)) throw missingIndex(query, definitionOf(query, need));
  }
}

function needOf({ sort, nearest }: Query, conditions: readonly Condition[], aggregated: readonly string[]): Need {
  const fieldsOf = (operator: Condition['operator']) => [
    ...new Set(conditions.filter((each) => each.operator === operator).map(({ fieldPath }) => fieldPath)),
  ];
  const equal = fieldsOf('EQUAL');
  const sorted: Field[] = sort
    .filter(({ fieldPath }) => !equal.includes(fieldPath))
    .map(({ fieldPath, direction }) => ({ fieldPath, order: direction === 1 ? 'ASCENDING' : 'DESCENDING' }));
  const name = sorted.filter(({ fieldPath }) => fieldPath === NAME);
  const others = sorted.filter(({ fieldPath }) => fieldPath !== NAME);
  const values = aggregated.filter(
    (path) => path !== NAME && ![...equal, ...others.map((field) => field.fieldPath)].includes(path),
  );
  others.push(...values.map((fieldPath): Field => ({ fieldPath, order: 'ASCENDING' })));
  if (nearest !== undefined)
    others.push({ fieldPath: nearest.fieldPath, vectorConfig: { dimension: nearest.dimensions } });
  else if (!isImplied(name[0], others)) others.push(...name);
  return { equal: equal.filter((path) => path !== NAME), contains: fieldsOf('ARRAY_CONTAINS'), sorted: others };
}

/** An index ends in the documents' names, in the direction of its last field. */
function isImplied(name: Field | undefined, others: readonly Field[]): boolean {
  const last = others.at(-1);
  return name === undefined || orderOf(name) === (last === undefined ? 'ASCENDING' : orderOf(last));
}

/** Each field has an index of its own in each direction and one for its elements; those for equality can be merged. */
function isAutomatic({ equal, contains, sorted }: Need, { scope }: Query): boolean {
  const count = equal.length + contains.length + sorted.length;
  if (scope.allDescendants) return count === 0;
  const isByName = sorted.length === 1 && sorted[0]?.fieldPath === NAME;
  return count <= 1 || (contains.length === 0 && (sorted.length === 0 || isByName));
}

/** Several indexes that agree in what is sorted can be merged. */
function isCovered({ equal, contains, sorted }: Need, usable: readonly CompositeIndex[]): boolean {
  const covered = new Set<string>();
  let isFound = false;
  for (const { fields } of usable) {
    const declared = withoutImpliedName(fields);
    const leading = declared.slice(0, declared.length - sorted.length);
    if (declared.length < sorted.length) continue;
    if (!declared.slice(leading.length).every((field, at) => isSame(field, sorted[at]))) continue;
    if (!leading.every((field) => (isContains(field) ? contains : equal).includes(field.fieldPath))) continue;
    isFound = true;
    for (const { fieldPath } of leading) covered.add(fieldPath);
  }
  return isFound && [...equal, ...contains].every((fieldPath) => covered.has(fieldPath));
}

function withoutImpliedName(fields: readonly Field[]): readonly Field[] {
  const [last, others] = [fields.at(-1), fields.slice(0, -1)];
  return last?.fieldPath === NAME && others.length > 0 && isImplied(last, others) ? others : fields;
}

function isSame(left: Field, right: Field | undefined): boolean {
  if (right === undefined || left.fieldPath !== right.fieldPath) return false;
  if ('vectorConfig' in left && 'vectorConfig' in right)
    return left.vectorConfig.dimension === right.vectorConfig.dimension;
  return orderOf(left) === orderOf(right);
}

function definitionOf({ scope }: Query, { equal, contains, sorted }: Need): CompositeIndex {
  return {
    collectionGroup: scope.collectionId,
    queryScope: scope.allDescendants ? 'COLLECTION_GROUP' : 'COLLECTION',
    fields: [
      ...contains.map((fieldPath): Field => ({ fieldPath, arrayConfig: 'CONTAINS' })),
      ...equal.map((fieldPath): Field => ({ fieldPath, order: 'ASCENDING' })),
      ...sorted,
    ],
  };
}
