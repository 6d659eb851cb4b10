import { type Call, header } from '../http/call.ts';
import { decode } from '../http/routes.ts';

/** What a request of the XML API is about: the service, a bucket, or an object. */
export interface Target {
  bucket: string | undefined;
  object: string | undefined;
  /** `/bucket/object` as it is encoded in the request, wherever that names the bucket. */
  resource: string;
}

/** `bucket.storage.googleapis.com`, and what the official client makes of a local address. */
const BUCKET_HOST = /^(.+)\.(?:storage\.googleapis\.com|localhost|127\.0\.0\.1)$/;

/** Reads the bucket from the host or from the path, and the object from the rest of the path. */
export function targetOf(call: Call): Target {
  const host = (header(call, 'host') ?? '').replace(/:\d+$/, '');
  const bucketOfHost = BUCKET_HOST.exec(host)?.[1];
  const resource = bucketOfHost === undefined ? call.path : `/${bucketOfHost}${call.path}`;
  const [, bucket = '', object = ''] = /^\/([^/]*)(?:\/(.*))?$/s.exec(resource) ?? [];
  return {
    bucket: bucket === '' ? undefined : decode(bucket),
    object: object === '' ? undefined : decode(object),
    resource,
  };
}
