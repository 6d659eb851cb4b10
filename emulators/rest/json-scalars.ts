import { JsonProblem } from './json-problem.ts';

/** Turns a JSON value into what protobufjs encodes, or throws a JsonProblem. */
export type Read = (value: unknown, path: string) => unknown;

const NUMBER = /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Integers come as numbers or as strings, `5.0` and `5e1` among them; past 53 bits only strings are exact. */
function integer(minimum: bigint, maximum: bigint, wide: boolean): Read {
  return (value, path) => {
    const whole = wholeNumber(value);
    if (whole === undefined) throw new JsonProblem(path, `${path} is not an integer`);
    if (whole < minimum || whole > maximum) throw new JsonProblem(path, `${path} is out of range`);
    return wide ? String(whole) : Number(whole);
  };
}

function wholeNumber(value: unknown): bigint | undefined {
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value);
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) ? BigInt(number) : undefined;
}

const double: Read = (value, path) => {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && (NUMBER.test(value) || /^(NaN|-?Infinity)$/.test(value))) return Number(value);
  throw new JsonProblem(path, `${path} is not a number`);
};

const MAX_FLOAT = 3.4028234663852886e38;

const float: Read = (value, path) => {
  const number = double(value, path) as number;
  if (Number.isFinite(number) && Math.abs(number) > MAX_FLOAT) throw new JsonProblem(path, `${path} is out of range`);
  return number;
};

const string: Read = (value, path) => {
  if (typeof value === 'string') return value;
  throw new JsonProblem(path, `${path} is not a string`);
};

const boolean: Read = (value, path) => {
  if (typeof value === 'boolean') return value;
  throw new JsonProblem(path, `${path} is not a boolean`);
};

const bytes: Read = (value, path) => {
  if (typeof value === 'string' && BASE64.test(value)) return Buffer.from(value, 'base64');
  throw new JsonProblem(path, `${path} is not base64`);
};

const int32 = integer(-(2n ** 31n), 2n ** 31n - 1n, false);
const uint32 = integer(0n, 2n ** 32n - 1n, false);
const int64 = integer(-(2n ** 63n), 2n ** 63n - 1n, true);
const uint64 = integer(0n, 2n ** 64n - 1n, true);

/** How each scalar type of protocol buffers reads from JSON, by the type's name. */
export const scalarReads: Readonly<Record<string, Read>> = {
  double,
  float,
  int32,
  sint32: int32,
  sfixed32: int32,
  uint32,
  fixed32: uint32,
  int64,
  sint64: int64,
  sfixed64: int64,
  uint64,
  fixed64: uint64,
  bool: boolean,
  string,
  bytes,
};
