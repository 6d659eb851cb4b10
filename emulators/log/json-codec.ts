import type { Codec } from './journal.ts';

/** Records as JSON. What JSON cannot say (undefined, NaN, a bigint, a Map) does not come back as it was. */
export function jsonCodec<R extends object>(): Codec<R> {
  return {
    encode: (record) => Buffer.from(JSON.stringify(record)),
    decode: (payload) => JSON.parse(payload.toString()),
  };
}
