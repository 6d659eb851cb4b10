import protobuf from 'protobufjs';
import { jsonProblem } from './protobuf-json.ts';
import type { SchemaResource } from './resources.ts';
import { invalidArgument, unimplemented } from './status.ts';

// cloud.google.com/pubsub/quotas#resource_limits
const MAX_DEFINITION_BYTES = 300_000;

/** A schema that messages can be held against. */
interface CompiledSchema {
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

function compile(schema: SchemaResource): CompiledSchema {
  if (schema.type === 'AVRO') throw unimplemented('An Avro schema');
  if (schema.type !== 'PROTOCOL_BUFFER') throw invalidArgument('The schema has no type.');
  const type = messageType(schema.definition ?? '');
  return {
    problemWith: (data, encoding) => (encoding === 'JSON' ? jsonTextProblem(type, data) : binaryProblem(type, data)),
  };
}

/** The one message at the top of a definition; further messages and enums nest inside it. */
function messageType(definition: string): protobuf.Type {
  if (Buffer.byteLength(definition) > MAX_DEFINITION_BYTES)
    throw invalidArgument(`The schema definition is longer than ${MAX_DEFINITION_BYTES} bytes.`);
  const { root, imports, weakImports } = parse(definition);
  if ((imports?.length ?? 0) + (weakImports?.length ?? 0) > 0)
    throw invalidArgument('Invalid schema definition: imports are not supported.');
  const types = topLevelTypes(root);
  const [type] = types;
  if (type === undefined || types.length !== 1)
    throw invalidArgument(
      `Invalid schema definition: it has ${types.length} top-level message types and must have one.`,
    );
  return type;
}

function parse(definition: string): protobuf.IParserResult {
  try {
    const result = protobuf.parse(definition, new protobuf.Root(), { keepCase: true });
    result.root.resolveAll();
    return result;
  } catch (error) {
    throw invalidArgument(`Invalid schema definition: ${(error as Error).message}`);
  }
}

function topLevelTypes(namespace: protobuf.NamespaceBase): protobuf.Type[] {
  return namespace.nestedArray.flatMap((nested) => {
    if (nested instanceof protobuf.Type) return [nested];
    // A package is a namespace around what it contains; an enum or a service is no message.
    return nested instanceof protobuf.Namespace && !(nested instanceof protobuf.Service) ? topLevelTypes(nested) : [];
  });
}

function jsonTextProblem(type: protobuf.Type, data: Buffer): string | undefined {
  try {
    return jsonProblem(type, JSON.parse(data.toString()));
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
}

function binaryProblem(type: protobuf.Type, data: Buffer): string | undefined {
  try {
    type.decode(data);
    return undefined;
  } catch (error) {
    return `not a ${type.name}: ${(error as Error).message}`;
  }
}
