import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { listPage } from '../objects/list.ts';
import { isLive } from '../objects/lookup.ts';
import type { Service } from '../service.ts';
import type { StoredObject } from '../store/records.ts';
import type { BucketState } from '../store/state.ts';
import { type Content, element, xmlAnswer } from './document.ts';
import { xmlEtag } from './objects.ts';

const NAMESPACE = " xmlns='http://doc.s3.amazonaws.com/2006-03-01'";

/** GET of the service: the buckets of the emulator's project. */
export function listXmlBuckets({ store, project }: Service): Answer {
  const buckets = Array.from(store.state.buckets(), ({ bucket }) => bucket)
    .filter((bucket) => bucket.softDeleteTime === undefined && bucket.project === project)
    .map(({ name, timeCreated }) => ({ Name: name, CreationDate: timeCreated }));
  return xmlAnswer(element('ListAllMyBucketsResult', { Buckets: { Bucket: buckets } }, NAMESPACE));
}

/** GET of a bucket: a page of its objects, in either version of S3's list. */
export function listXmlObjects(call: Call, { bucket, objects }: BucketState): Answer {
  const given = (name: string) => call.query.get(name) ?? undefined;
  const isSecond = given('list-type') === '2';
  const query = new URLSearchParams();
  const after = given('marker') ?? given('start-after');
  const parameters = {
    prefix: given('prefix'),
    delimiter: given('delimiter'),
    maxResults: given('max-keys'),
    // The first name that is after this one.
    startOffset: after === undefined ? undefined : `${after}\0`,
    pageToken: given('continuation-token'),
    versions: call.query.has('versions') ? 'true' : undefined,
  };
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value);
  const page = listPage(query, objects);
  const last = page.items.at(-1)?.name ?? '';
  const lastPrefix = page.prefixes.at(-1) ?? '';
  const next = page.nextPageToken;
  const content: Content = {
    Name: bucket.name,
    Prefix: given('prefix') ?? '',
    Delimiter: given('delimiter'),
    ...(isSecond
      ? { KeyCount: page.items.length + page.prefixes.length, NextContinuationToken: next }
      : {
          Marker: given('marker') ?? '',
          NextMarker: next === undefined ? undefined : last > lastPrefix ? last : lastPrefix,
        }),
    MaxKeys: given('max-keys'),
    IsTruncated: next !== undefined,
    Contents: page.items.map(entryOf),
    CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: prefix })),
  };
  return xmlAnswer(element('ListBucketResult', content, NAMESPACE));
}

function entryOf(object: StoredObject): Content {
  return {
    Key: object.name,
    Generation: object.generation,
    MetaGeneration: object.metageneration,
    IsLatest: isLive(object) ? undefined : false,
    LastModified: object.updated,
    ETag: xmlEtag(object),
    Size: object.size,
    StorageClass: object.settings.storageClass,
  };
}

/** HEAD of a bucket. */
export function headXmlBucket({ bucket }: BucketState): Answer {
  return {
    headers: {
      'x-goog-metageneration': String(bucket.metageneration),
      'x-goog-storage-class': bucket.settings.storageClass ?? 'STANDARD',
    },
  };
}
