import { status as Code } from '@grpc/grpc-js';
import { StatusError } from '../rpc/status-error.ts';
import type { SchemaResource } from './resources.ts';
import { avroSchema } from './schema-avro.ts';
import { protobufSchema } from './schema-protobuf.ts';
import { invalidArgument } from './status.ts';

// cloud.google.com/pubsub/quotas#resource_limits
const MAX_DEFINITION_BYTES = 300_000;

/** A schema that messages can be held against. */
export interface CompiledSchema {
  /** What is wrong with a message, or undefined. */
  problemWith(data: Buffer, encoding: 'JSON' | 'BINARY'): string | undefined;
}

const cache = new WeakMap<SchemaResource, CompiledSchema>();

/** The schema ready for use; compiled once for each revision. Throws INVALID_ARGUMENT where its definition does not hold. */
export function compiled(schema: SchemaResource): CompiledSchema {
  let found = cache.get(schema);
  if (found === undefined) {
    found = compile(schema);
    cache.set(schema, found);
  }
  return found;
}

function compile({ type, definition = '' }: SchemaResource): CompiledSchema {
  if (Buffer.byteLength(definition) > MAX_DEFINITION_BYTES)
    throw invalidArgument(`The schema definition is longer than ${MAX_DEFINITION_BYTES} bytes.`);
  switch (type) {
    case 'AVRO':
      return avroSchema(definition);
    case 'PROTOCOL_BUFFER':
      return protobufSchema(definition);
    default:
      throw invalidArgument('The schema has no type.');
  }
}

/** The refusal of a message that fits no revision; what is wrong with it is in its ErrorInfo, as in the service. */
export function invalidMessage(
  type: string | undefined,
  encoding: 'JSON' | 'BINARY',
  revisionInfo: string,
): StatusError {
  const message = 'Message failed schema validation';
  return new StatusError(Code.INVALID_ARGUMENT, `Invalid data in message: ${message}.`, [
    {
      type: 'ErrorInfo',
      reason: `INVALID_${encoding}_${type === 'AVRO' ? 'AVRO' : 'PROTO'}_MESSAGE`,
      domain: 'pubsub.googleapis.com',
      metadata: { message, revisionInfo },
    },
  ]);
}
