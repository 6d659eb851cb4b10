import { camelCase, snakeCase } from './json-names.ts';
import { JsonProblem } from './json-problem.ts';

/** A type that JSON writes in a form of its own: from JSON to the message's fields, and back. */
interface SpecialForm {
  read(value: unknown, path: string): object;
  write(message: Record<string, unknown>): unknown;
}

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;
const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;

const nanosOf = (digits: string | undefined): number => Number((digits ?? '').padEnd(9, '0'));

/** Fractions of a second have 3, 6 or 9 digits, or none. */
function fraction(nanos: number): string {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  return `.${digits.replace(/(000){1,2}$/, '')}`;
}

const timestamp: SpecialForm = {
  read(value, path) {
    const match = typeof value === 'string' ? TIMESTAMP.exec(value) : null;
    const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`.toUpperCase());
    if (match === null || Number.isNaN(ms)) throw new JsonProblem(path, `${path} is not a timestamp`);
    return { seconds: ms / 1000, nanos: nanosOf(match[2]) };
  },
  write: ({ seconds, nanos }) =>
    `${new Date(Number(seconds ?? 0) * 1000).toISOString().slice(0, 19)}${fraction(Number(nanos ?? 0))}Z`,
};

const duration: SpecialForm = {
  read(value, path) {
    const match = typeof value === 'string' ? DURATION.exec(value) : null;
    if (match === null) throw new JsonProblem(path, `${path} is not a duration such as "3.5s"`);
    const sign = match[1] === '-' ? -1 : 1;
    return { seconds: sign * Number(match[2]), nanos: sign * nanosOf(match[3]) };
  },
  write({ seconds, nanos }) {
    const [s, n] = [Number(seconds ?? 0), Number(nanos ?? 0)];
    return `${s < 0 || n < 0 ? '-' : ''}${Math.abs(s)}${fraction(Math.abs(n))}s`;
  },
};

/** Paths are camelCase in JSON and snake_case in the message. */
const fieldMask: SpecialForm = {
  read(value, path) {
    if (typeof value !== 'string') throw new JsonProblem(path, `${path} is not a field mask such as "labels,filter"`);
    return { paths: value === '' ? [] : value.split(',').map((one) => snakeCase(one.trim())) };
  },
  write: ({ paths }) => ((paths ?? []) as string[]).map(camelCase).join(','),
};

interface ValueMessage {
  nullValue?: number;
  numberValue?: number;
  stringValue?: string;
  boolValue?: boolean;
  structValue?: StructMessage;
  listValue?: { values?: ValueMessage[] };
}

interface StructMessage {
  fields?: Record<string, ValueMessage>;
}

function toValue(json: unknown): ValueMessage {
  if (json === null) return { nullValue: 0 };
  if (typeof json === 'number') return { numberValue: json };
  if (typeof json === 'string') return { stringValue: json };
  if (typeof json === 'boolean') return { boolValue: json };
  if (Array.isArray(json)) return { listValue: { values: json.map(toValue) } };
  return { structValue: toStruct(json as object) };
}

function toStruct(json: object): StructMessage {
  return { fields: Object.fromEntries(Object.entries(json).map(([name, value]) => [name, toValue(value)])) };
}

function fromValue(value: ValueMessage): unknown {
  if (value.structValue != null) return fromStruct(value.structValue);
  if (value.listValue != null) return (value.listValue.values ?? []).map(fromValue);
  // Protobufjs keeps unset members of a oneof on the prototype, where only hasOwn tells them from set ones.
  for (const name of ['numberValue', 'stringValue', 'boolValue'] as const)
    if (Object.hasOwn(value, name)) return value[name];
  return null;
}

function fromStruct({ fields }: StructMessage): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields ?? {}).map(([name, value]) => [name, fromValue(value)]));
}

const struct: SpecialForm = {
  read(value, path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new JsonProblem(path, `${path} is not an object`);
    return toStruct(value);
  },
  write: (message) => fromStruct(message as StructMessage),
};

const list: SpecialForm = {
  read(value, path) {
    if (!Array.isArray(value)) throw new JsonProblem(path, `${path} is not an array`);
    return { values: value.map(toValue) };
  },
  write: ({ values }) => ((values ?? []) as ValueMessage[]).map(fromValue),
};

/** The types of google.protobuf that JSON does not write as objects; Any and the wrappers need other types, and are elsewhere. */
export const specialForms: ReadonlyMap<string, SpecialForm> = new Map([
  ['.google.protobuf.Timestamp', timestamp],
  ['.google.protobuf.Duration', duration],
  ['.google.protobuf.FieldMask', fieldMask],
  ['.google.protobuf.Struct', struct],
  ['.google.protobuf.Value', { read: toValue, write: (message) => fromValue(message as ValueMessage) }],
  ['.google.protobuf.ListValue', list],
]);

/** `google.protobuf.Int64Value` and the like are written as the one value that they hold. */
export const isWrapper = (fullName: string): boolean =>
  /^\.google\.protobuf\.(Double|Float|U?Int(32|64)|Bool|String|Bytes)Value$/.test(fullName);
