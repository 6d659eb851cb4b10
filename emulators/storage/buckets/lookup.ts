import { type Call, param } from '../http/call.ts';
import { noSuchBucket } from '../http/refusal.ts';
import type { Service } from '../service.ts';
import type { BucketState } from '../store/state.ts';

/** The live bucket of this name. @throws Refusal (404) */
export function bucketNamed({ store }: Service, name: string): BucketState {
  const found = store.state.bucket(name);
  if (found === undefined) throw noSuchBucket();
  return found;
}

/** The bucket that the path names. @throws Refusal (404) */
export function bucketOf(service: Service, call: Call): BucketState {
  return bucketNamed(service, param(call, 'bucket'));
}
