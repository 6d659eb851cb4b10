import protobuf from 'protobufjs/minimal.js';
import type { Codec } from '../log/journal.ts';
import { codec, type Document } from './proto.ts';
import type { Change } from './store.ts';
import type { Micros } from './time.ts';
import { normaliseFields } from './values.ts';

const documents = codec('Document');

/** What a commit did, or in a snapshot: some of the documents as they were at its time. */
export interface Commit {
  at: Micros;
  changes: readonly Change[];
}

/**
 * A commit on disk: when it was (1, a double: exact up to 2^53 microseconds), the documents as they are after it (2)
 * and the names of those it deleted (3). What it did is not kept, so reading it back needs none of the rules of writes.
 */
export const commitCodec: Codec<Commit> = {
  encode({ at, changes }) {
    const writer = protobuf.Writer.create().uint32(9).double(at);
    for (const { name, document } of changes) {
      if (document === undefined) writer.uint32(26).string(name);
      else documents.encode(document, writer.uint32(18).fork()).ldelim();
    }
    return writer.finish();
  },
  decode(payload) {
    const reader = protobuf.Reader.create(payload);
    let at = 0;
    const changes: Change[] = [];
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === 9) at = reader.double();
      else if (tag === 18) changes.push(storedDocument(documents.decode(reader, reader.uint32())));
      else if (tag === 26) changes.push({ name: reader.string(), document: undefined });
      else reader.skipType(tag & 7);
    }
    return { at, changes };
  },
};

function storedDocument(decoded: ReturnType<typeof documents.decode>): Change {
  normaliseFields(decoded.fields);
  const { name, fields } = decoded;
  const document: Document = {
    name,
    fields,
    createTime: plainTimestamp(decoded.createTime),
    updateTime: plainTimestamp(decoded.updateTime),
  };
  return { name, document };
}

function plainTimestamp(timestamp: Document['createTime'] | null | undefined): Document['createTime'] {
  return { seconds: Number(timestamp?.seconds ?? 0), nanos: timestamp?.nanos ?? 0 };
}
