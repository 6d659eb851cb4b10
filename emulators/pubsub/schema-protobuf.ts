import protobuf from 'protobufjs';
import { readJson } from '../rest/json-read.ts';
import type { CompiledSchema } from './schema.ts';
import { invalidArgument } from './status.ts';

/** A protocol buffer definition with one message at its top. Throws INVALID_ARGUMENT where it does not hold. */
export function protobufSchema(definition: string): CompiledSchema {
  const type = messageType(definition);
  return {
    problemWith: (data, encoding) => (encoding === 'JSON' ? jsonProblem(type, data) : binaryProblem(type, data)),
  };
}

/** The one message at the top of a definition; further messages and enums nest inside it. */
function messageType(definition: string): protobuf.Type {
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

function jsonProblem(type: protobuf.Type, data: Buffer): string | undefined {
  try {
    readJson(type, JSON.parse(data.toString()));
    return undefined;
  } catch (error) {
    return error instanceof SyntaxError ? `not JSON: ${error.message}` : (error as Error).message;
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
