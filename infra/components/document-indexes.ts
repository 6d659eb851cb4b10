import * as gcp from '@pulumi/gcp';

interface DocumentIndex {
  collection: string;
  queryScope: 'COLLECTION' | 'COLLECTION_GROUP';
  fields: { fieldPath: string; order?: 'ASCENDING' | 'DESCENDING'; arrayConfig?: 'CONTAINS' }[];
}

/**
 * The composite indexes that the platform's Firestore queries need. None: it reads and writes documents by name only. A query that
 * needs one fails under `npm start -- --strict-indexes` with the definition to add here.
 */
const DOCUMENT_INDEXES: readonly DocumentIndex[] = [];

export function createDocumentIndexes(database: gcp.firestore.Database): void {
  for (const { collection, queryScope, fields } of DOCUMENT_INDEXES) {
    const name = ['index', collection, ...fields.map(({ fieldPath }) => fieldPath)].join('-');
    new gcp.firestore.Index(name, { database: database.name, collection, queryScope, fields });
  }
}
