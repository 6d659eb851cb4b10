import type { Firestore } from '@google-cloud/firestore';

let store: Promise<Firestore> | undefined;

/** The document store, opened on first use: its client costs 100 ms of a cold start. One a process. */
export function documentStore(): Promise<Firestore> {
  store ??= import('@google-cloud/firestore').then(
    ({ Firestore }) => new Firestore({ ignoreUndefinedProperties: true }),
  );
  return store;
}
