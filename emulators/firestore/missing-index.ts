import protobuf from 'protobufjs/minimal.js';
import type { CompositeIndex, Field } from './composite-index.ts';
import { NAME } from './field-path.ts';
import type { Query } from './query.ts';
import { type FirestoreError, failedPrecondition } from './status.ts';

/** The refusal of a query that lacks an index: the real service's words, then the definition as it is declared. */
export function missingIndex({ scope, nearest }: Query, index: CompositeIndex): FirestoreError {
  const definition = `The definition to add: ${JSON.stringify(index)}`;
  const project = scope.parent.split('/')[1] ?? '';
  if (nearest !== undefined) {
    return failedPrecondition(
      `Missing vector index configuration. Please create the required index with the following gcloud command: ${gcloudCommand(project, index)}. ${definition}`,
    );
  }
  const [only, ...others] = index.fields;
  const console = `https://console.firebase.google.com/v1/r/project/${project}/firestore/indexes`;
  const isException = only !== undefined && others.length === 0 && only.fieldPath !== NAME;
  const what = isException
    ? `The query requires a COLLECTION_GROUP_${modeOf(only)} index for collection ${index.collectionGroup} and field ${only.fieldPath}.`
    : 'The query requires an index.';
  const link = `${console}?${isException ? 'create_exemption' : 'create_composite'}=${encoded(scope.parent, index)}`;
  return failedPrecondition(`${what} You can create it here: ${link}. ${definition}`);
}

export function isContains(field: Field): boolean {
  return 'arrayConfig' in field;
}

export function orderOf(field: Field): string | undefined {
  return 'order' in field ? field.order : undefined;
}

function modeOf(field: Field): string {
  return isContains(field) ? 'CONTAINS' : orderOf(field) === 'DESCENDING' ? 'DESC' : 'ASC';
}

function gcloudCommand(project: string, { collectionGroup, queryScope, fields }: CompositeIndex): string {
  const configs = fields.map((field) => {
    if ('order' in field) return `--field-config=order=${field.order},field-path=${field.fieldPath}`;
    if ('arrayConfig' in field) return `--field-config=array-config=contains,field-path=${field.fieldPath}`;
    const vector = `{"dimension":"${field.vectorConfig.dimension}","flat": "{}"}`;
    return `--field-config=vector-config='${vector}',field-path=${field.fieldPath}`;
  });
  return `gcloud firestore indexes composite create --project=${project} --collection-group=${collectionGroup} --query-scope=${queryScope} ${configs.join(' ')}`;
}

/** google.firestore.admin.v1.Index in base64: what the link of the real message carries. */
function encoded(parent: string, { collectionGroup, queryScope, fields }: CompositeIndex): string {
  const database = parent.slice(0, parent.indexOf('/documents'));
  const writer = protobuf.Writer.create()
    .uint32(10)
    .string(`${database}/collectionGroups/${collectionGroup}/indexes/_`)
    .uint32(16)
    .uint32(queryScope === 'COLLECTION' ? 1 : 2);
  const last = fields.at(-1);
  const direction = last === undefined ? 'ASCENDING' : (orderOf(last) ?? 'ASCENDING');
  const named: Field[] =
    last?.fieldPath === NAME ? [] : [{ fieldPath: NAME, order: direction as 'ASCENDING' | 'DESCENDING' }];
  for (const field of [...fields, ...named]) {
    writer.uint32(26).fork().uint32(10).string(field.fieldPath);
    if (isContains(field)) writer.uint32(24).uint32(1);
    else writer.uint32(16).uint32(orderOf(field) === 'DESCENDING' ? 2 : 1);
    writer.ldelim();
  }
  return Buffer.from(writer.finish()).toString('base64url');
}
