import { type Call, header } from '../http/call.ts';
import { Refusal } from '../http/refusal.ts';
import { customerKeyHash } from '../objects/encryption.ts';
import { checkObjectName } from '../objects/names.ts';
import { type ObjectSettings, patchedObject } from '../objects/settings.ts';
import type { Checksums } from '../store/checksums.ts';

/** What an upload says of the object it makes. */
export interface Intake {
  name: string;
  settings: ObjectSettings;
  declared: Declared;
  keySha256: string | undefined;
}

/** What the bytes are to be, as far as the caller says. */
export interface Declared {
  size?: number | undefined;
  crc32c?: string | undefined;
  md5Hash?: string | undefined;
  /** The fewest and the most bytes: what a signed URL binds its holder to. */
  lengthRange?: { min: number; max: number } | undefined;
}

/** Reads name, metadata and checksums from where the request has them. @throws Refusal */
export function intakeOf(call: Call, resource: Record<string, unknown>, contentType: string | undefined): Intake {
  const { query } = call;
  const settings = patchedObject({}, resource);
  const length = header(call, 'x-upload-content-length');
  return {
    name: checkObjectName(query.get('name') ?? resource.name),
    settings: {
      ...settings,
      contentType: settings.contentType ?? contentType,
      contentEncoding: settings.contentEncoding ?? query.get('contentEncoding') ?? undefined,
    },
    declared: {
      size: length === undefined ? undefined : Number(length),
      crc32c: textOf(resource.crc32c),
      md5Hash: textOf(resource.md5Hash),
      ...declaredInHeaders(call),
      ...lengthRangeOf(call),
    },
    keySha256: customerKeyHash(call),
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** `x-goog-hash: crc32c=…,md5=…` and `content-md5`; without what is not there. */
export function declaredInHeaders(call: Call): Declared {
  const hashes = header(call, 'x-goog-hash') ?? '';
  const crc32c = /(?:^|[,\s])crc32c=([^,\s]+)/.exec(hashes)?.[1];
  const md5Hash = /(?:^|[,\s])md5=([^,\s]+)/.exec(hashes)?.[1] ?? header(call, 'content-md5');
  return { ...(crc32c === undefined ? {} : { crc32c }), ...(md5Hash === undefined ? {} : { md5Hash }) };
}

/** `x-goog-content-length-range: MIN,MAX`. https://cloud.google.com/storage/docs/xml-api/reference-headers */
function lengthRangeOf(call: Call): Pick<Declared, 'lengthRange'> {
  const given = header(call, 'x-goog-content-length-range');
  if (given === undefined) return {};
  const [, min, max] = /^(\d+),(\d+)$/.exec(given) ?? [];
  if (min === undefined || max === undefined)
    throw new Refusal(400, 'invalid', `x-goog-content-length-range is two numbers, not "${given}".`);
  return { lengthRange: { min: Number(min), max: Number(max) } };
}

/** Compares what came with what was declared. @throws Refusal (400) */
export function checkDeclared(declared: Declared, actual: Checksums & { size: number }): void {
  checkChecksum('CRC32C', declared.crc32c, actual.crc32c);
  checkChecksum('MD5 hash', declared.md5Hash, actual.md5Hash);
  if (declared.size !== undefined && declared.size !== actual.size)
    throw new Refusal(
      400,
      'invalid',
      `The upload was declared to have ${declared.size} bytes, and has ${actual.size}.`,
    );
  checkLength(declared.lengthRange, actual.size);
}

function checkLength(range: Declared['lengthRange'], size: number): void {
  if (range === undefined || (size >= range.min && size <= range.max)) return;
  const tooLarge = size > range.max;
  throw new Refusal(
    400,
    'invalid',
    `Your proposed upload is ${tooLarge ? 'larger' : 'smaller'} than the ${tooLarge ? 'maximum' : 'minimum'} object size specified in your request.`,
    { xmlCode: tooLarge ? 'EntityTooLarge' : 'EntityTooSmall' },
  );
}

function checkChecksum(name: string, declared: string | undefined, actual: string): void {
  if (declared === undefined || declared === actual) return;
  throw new Refusal(400, 'invalid', `Provided ${name} "${declared}" doesn't match calculated ${name} "${actual}".`, {
    xmlCode: 'BadDigest',
  });
}
