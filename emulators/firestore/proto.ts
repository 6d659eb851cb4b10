import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Reader, Writer } from 'protobufjs/minimal.js';
import type { google } from '../../node_modules/@google-cloud/firestore/build/protos/firestore_v1_proto_api.js';

/**
 * The messages of google.firestore.v1, as compiled into the official client: decoding them needs no schema at run time.
 * The client's package does not export the file, so it is found beside its package.json.
 */
const require = createRequire(import.meta.url);
const compiled: { google: typeof google } = require(
  join(dirname(require.resolve('@google-cloud/firestore/package.json')), 'build/protos/firestore_v1_proto_api.js'),
);

export const v1 = compiled.google.firestore.v1;

type V1 = typeof v1;
type MessageName = { [K in keyof V1]: V1[K] extends new (...properties: never[]) => object ? K : never }[keyof V1];

/** How a message goes to and from the wire; the client's types leave that out. */
export interface Codec<Message> {
  encode(message: object, writer?: Writer): Writer;
  decode(reader: Reader | Uint8Array, length?: number): Message;
}

export function codec<K extends MessageName>(name: K): Codec<InstanceType<V1[K]>> {
  return v1[name] as unknown as Codec<InstanceType<V1[K]>>;
}

export const emptyCodec = compiled.google.protobuf.Empty as unknown as Codec<object>;

export type { google };

/** Decoded messages carry an enum as its number, though the client's types say its name. */
export function enumNumber(value: string | number | null | undefined): number {
  return Number(value ?? 0);
}

/**
 * A field's value, with the int64 of an integer or of a timestamp's seconds as a number where it is a safe integer and
 * as a decimal string where it is not (normaliseValue makes it so).
 */
export type Value = google.firestore.v1.IValue;
export type Fields = { [name: string]: Value };
export type Timestamp = google.protobuf.ITimestamp;

/** A document as it is kept: never changed once stored, so that versions can share its parts. */
export interface Document {
  readonly name: string;
  readonly fields: Fields;
  readonly createTime: Timestamp;
  readonly updateTime: Timestamp;
}
