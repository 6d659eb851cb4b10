import type { Firestore } from '@google-cloud/firestore';
import { identityToken } from './identity-token.ts';

let opened: { token: string | undefined; store: Promise<Firestore> } | undefined;

/** The document store, opened on first use: its client costs 100 ms of a cold start. One a process. */
export async function documentStore(): Promise<Firestore> {
  const token = await localToken();
  // What is under way with a token that is about to run out is left to end by itself.
  if (opened === undefined || opened.token !== token) opened = { token, store: open(token) };
  return opened.store;
}

async function open(token: string | undefined): Promise<Firestore> {
  const { Firestore } = await import('@google-cloud/firestore');
  const headers = token === undefined ? {} : { customHeaders: { Authorization: `Bearer ${token}` } };
  return new Firestore({ ignoreUndefinedProperties: true, ...headers });
}

/**
 * Google's client asks for tokens itself, but for an emulator it takes no credentials, only a header that stays as it was when the
 * client was made. Functions that share a process have no account of their own there, and everybody may do everything.
 */
async function localToken(): Promise<string | undefined> {
  const {
    FIRESTORE_EMULATOR_HOST: emulator,
    SERVICE_ACCOUNT: serviceAccount,
    GCE_METADATA_HOST: metadata,
  } = process.env;
  if (emulator === undefined || serviceAccount === undefined || metadata === undefined) return undefined;
  return identityToken({ metadataServer: `http://${metadata}`, serviceAccount }, 'firestore');
}
