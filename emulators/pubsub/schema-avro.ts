import avsc, { type Schema, type Type } from 'avsc';
import { avroJsonProblem } from './avro-json.ts';
import type { CompiledSchema } from './schema.ts';
import { invalidArgument } from './status.ts';

/** An Avro definition in JSON. Throws INVALID_ARGUMENT where it does not hold. */
export function avroSchema(definition: string): CompiledSchema {
  const type = parse(definition);
  return {
    problemWith: (data, encoding) => (encoding === 'JSON' ? jsonProblem(type, data) : binaryProblem(type, data)),
  };
}

/** Longs as bigint: avsc's own refuses what a float64 cannot hold, and Avro does not. */
const long = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (one: bigint, other: bigint) => (one === other ? 0 : one < other ? -1 : 1),
});

function parse(definition: string): Type {
  try {
    // Wrapped unions: their JSON names the branch, as the Avro specification's JSON encoding has it.
    return avsc.Type.forSchema(JSON.parse(definition) as Schema, { wrapUnions: true, registry: { long } });
  } catch (error) {
    throw invalidArgument(`Invalid schema definition: ${(error as Error).message}`);
  }
}

function jsonProblem(type: Type, data: Buffer): string | undefined {
  try {
    return avroJsonProblem(type, JSON.parse(data.toString()), '');
  } catch (error) {
    if (error instanceof SyntaxError) return `not JSON: ${error.message}`;
    throw error;
  }
}

function binaryProblem(type: Type, data: Buffer): string | undefined {
  try {
    type.fromBuffer(data);
    return undefined;
  } catch (error) {
    return `not a ${type.branchName ?? type.typeName}: ${(error as Error).message}`;
  }
}
