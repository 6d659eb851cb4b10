import * as z from 'zod';
import { compositeIndex } from '../firestore/composite-index.ts';
import type { FirestoreOptions } from '../firestore/server.ts';

const fieldIndex = z.object({
  queryScope: z.string().default('COLLECTION'),
  order: z.enum(['ASCENDING', 'DESCENDING']).optional(),
  arrayConfig: z.literal('CONTAINS').optional(),
});

const fieldOverride = z.object({
  collectionGroup: z.string(),
  fieldPath: z.string(),
  ttl: z.boolean().default(false),
  indexes: z.array(fieldIndex).default([]),
});

/** firestore.indexes.json (firebase.google.com/docs/reference/firestore/indexes), as far as it says something here. */
const indexFile = z.object({
  indexes: z.array(compositeIndex.strip()).default([]),
  fieldOverrides: z.array(fieldOverride).default([]),
});

/**
 * What Firestore is started with to go by an index file: its composite indexes, the single fields that it lets collection
 * groups be queried by, and those that say when documents expire. Throws a ZodError where it is no such file.
 */
export function strictIndexes(json: unknown): Pick<FirestoreOptions, 'indexes' | 'strictIndexes' | 'ttl'> {
  const { indexes, fieldOverrides } = indexFile.parse(json);
  return {
    strictIndexes: true,
    indexes: [...indexes, ...fieldOverrides.flatMap(groupIndexes)],
    ttl: fieldOverrides
      .filter(({ ttl }) => ttl)
      .map(({ collectionGroup, fieldPath: field }) => ({ collectionGroup, field })),
  };
}

function groupIndexes({ collectionGroup, fieldPath, indexes }: z.output<typeof fieldOverride>) {
  return indexes
    .filter(({ queryScope }) => queryScope === 'COLLECTION_GROUP')
    .map(({ order = 'ASCENDING', arrayConfig }) => ({
      collectionGroup,
      queryScope: 'COLLECTION_GROUP' as const,
      fields: [arrayConfig === undefined ? { fieldPath, order } : { fieldPath, arrayConfig }],
    }));
}
