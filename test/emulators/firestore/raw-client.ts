import { type Client, credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import type { ExecutionContext } from 'ava';
import { firestoreService } from '../../../emulators/firestore/rpc.ts';

export const DATABASE = 'projects/millrace-test/databases/(default)';
export const ROOT = `${DATABASE}/documents`;

const Raw = makeGenericClientConstructor(firestoreService, 'Firestore');

/** Calls by name, for what the official client does not let a test ask. */
export interface RawClient {
  call(method: string, request: object): Promise<Record<string, unknown>>;
  /** The answers to one request of a stream, up to the first for which `isLast` holds. */
  listen(request: object, isLast: (response: Record<string, unknown>) => boolean): Promise<Record<string, unknown>[]>;
}

export function rawClientOf(t: ExecutionContext, port: number): RawClient {
  const raw: Client & Record<string, unknown> = new Raw(`127.0.0.1:${port}`, credentials.createInsecure()) as never;
  t.teardown(() => raw.close());
  return {
    call(method, request) {
      const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
      const unary = raw[method] as (
        request: object,
        done: (error: Error | null, response: Record<string, unknown>) => void,
      ) => void;
      unary.call(raw, request, (error, response) => (error === null ? resolve(response) : reject(error)));
      return promise;
    },
    async listen(request, isLast) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const heard: Record<string, unknown>[] = [];
      const stream = (
        raw.Listen as () => import('@grpc/grpc-js').ClientDuplexStream<object, Record<string, unknown>>
      ).call(raw);
      stream.on('error', reject);
      stream.on('data', (response: Record<string, unknown>) => {
        heard.push(response);
        if (isLast(response)) resolve();
      });
      stream.write({ database: DATABASE, ...request });
      await promise;
      stream.end();
      return heard;
    },
  };
}
