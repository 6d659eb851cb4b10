import { bucketOf } from '../buckets/lookup.ts';
import type { Answer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import type { Service } from '../service.ts';
import { shown } from './calls.ts';
import { listPage } from './list.ts';

/** storage.objects.list */
export function listObjects(service: Service, call: Call): Answer {
  const { bucket, objects } = bucketOf(service, call);
  const { items, prefixes, nextPageToken } = listPage(call.query, objects);
  return {
    json: {
      kind: 'storage#objects',
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
      ...(prefixes.length === 0 ? {} : { prefixes }),
      ...(items.length === 0 ? {} : { items: items.map((object) => shown(call, { bucket, object })) }),
    },
  };
}
