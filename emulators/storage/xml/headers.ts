import { type Call, header } from '../http/call.ts';

/** Settings of an object that a header each has, by the JSON API's name. */
const SETTINGS = {
  'cache-control': 'cacheControl',
  'content-disposition': 'contentDisposition',
  'content-encoding': 'contentEncoding',
  'content-language': 'contentLanguage',
  'content-type': 'contentType',
  'x-goog-custom-time': 'customTime',
  'x-goog-storage-class': 'storageClass',
} as const;

const METADATA_PREFIX = 'x-goog-meta-';

/** The JSON API's object resource that headers, or the fields of a form, describe. */
export function resourceOf(fields: Iterable<readonly [string, string]>): Record<string, unknown> {
  const resource: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    const setting = lower in SETTINGS ? SETTINGS[lower as keyof typeof SETTINGS] : undefined;
    if (setting !== undefined) resource[setting] = value;
    if (lower.startsWith(METADATA_PREFIX)) metadata[lower.slice(METADATA_PREFIX.length)] = value;
  }
  return Object.keys(metadata).length === 0 ? resource : { ...resource, metadata };
}

export function headerFields(call: Call): [string, string][] {
  return Object.keys(call.headers).map((name) => [name, header(call, name) ?? '']);
}

const PRECONDITIONS = [
  ['x-goog-if-generation-match', 'ifGenerationMatch'],
  ['x-goog-if-metageneration-match', 'ifMetagenerationMatch'],
  ['x-goog-copy-source-if-generation-match', 'ifSourceGenerationMatch'],
  ['x-goog-copy-source-if-metageneration-match', 'ifSourceMetagenerationMatch'],
] as const;

/** The query that the JSON API would have: preconditions and the predefined list come in headers here. */
export function queryOf(call: Call): URLSearchParams {
  const query = new URLSearchParams();
  const generation = call.query.get('generation');
  if (generation !== null) query.set('generation', generation);
  for (const [name, parameter] of PRECONDITIONS) {
    const value = header(call, name);
    if (value !== undefined) query.set(parameter, value);
  }
  const acl = header(call, 'x-goog-acl');
  if (acl !== undefined) query.set('predefinedAcl', predefinedName(acl));
  return query;
}

/** `public-read` is `publicRead` there. */
export function predefinedName(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
