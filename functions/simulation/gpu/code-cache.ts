import type { Bucket } from '@google-cloud/storage';
import type { CodeCache } from '../engine/cuda/gpu.ts';
import { ObjectGone, readObject, writeObject } from '../objects/objects.ts';

/** Machine code for a GPU by the hash of what it was compiled from: the same model is compiled once for all runs. */
export function codeCache(bucket: Bucket): CodeCache {
  return {
    async get(key) {
      try {
        return await readObject(bucket, `compiled/${key}`);
      } catch (error) {
        if (error instanceof ObjectGone) return undefined;
        throw error;
      }
    },
    put: (key, bytes) => writeObject(bucket, `compiled/${key}`, bytes),
  };
}
