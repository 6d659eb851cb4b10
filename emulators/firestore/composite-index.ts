import * as z from 'zod';
import type { IndexField, IndexFields } from './ordered-index.ts';
import type { Scope } from './store.ts';

/** A composite index, in the form of firestore.indexes.json. */
export const compositeIndex = z.object({
  collectionGroup: z.string().min(1),
  queryScope: z.enum(['COLLECTION', 'COLLECTION_GROUP']).default('COLLECTION'),
  fields: z
    .array(
      z.union([
        z.strictObject({ fieldPath: z.string().min(1), order: z.enum(['ASCENDING', 'DESCENDING']) }),
        z.strictObject({ fieldPath: z.string().min(1), arrayConfig: z.literal('CONTAINS') }),
        z.strictObject({
          fieldPath: z.string().min(1),
          vectorConfig: z.object({ dimension: z.int().min(1).max(2048) }),
        }),
      ]),
    )
    .min(1),
});

export type CompositeIndex = z.output<typeof compositeIndex>;
export type Field = CompositeIndex['fields'][number];

/** The fields of the composite indexes that a query over a scope may use; vectors are compared one by one. */
export function compositesOn(indexes: readonly CompositeIndex[], scope: Scope): IndexFields[] {
  return indexes
    .filter((index) => isOn(index, scope))
    .map(({ fields }) => fields.flatMap((field): IndexField[] => ('vectorConfig' in field ? [] : [indexField(field)])));
}

export function isOn(
  { collectionGroup, queryScope }: CompositeIndex,
  { collectionId, allDescendants }: Scope,
): boolean {
  return collectionGroup === collectionId && (queryScope === 'COLLECTION_GROUP') === allDescendants;
}

type OrderedField = Exclude<Field, { vectorConfig: unknown }>;

function indexField(field: OrderedField): IndexField {
  return { fieldPath: field.fieldPath, mode: 'order' in field ? field.order : field.arrayConfig };
}
