import { compareText } from '../../firestore/text-order.ts';
import { pageSize, pageStart, pageToken } from '../http/pages.ts';
import { invalid } from '../http/refusal.ts';
import type { ObjectNames } from '../store/object-names.ts';
import type { StoredObject } from '../store/records.ts';
import { globMatcher } from './glob.ts';
import { isLive } from './lookup.ts';

/** The last character there is: a prefix with it lies behind every name that begins with the prefix. */
const LAST_CHARACTER = '\u{10ffff}';

interface Listing {
  items: StoredObject[];
  prefixes: string[];
  nextPageToken?: string;
}

interface ListQuery {
  prefix: string;
  delimiter: string;
  /** The first name looked at, and how many of its versions earlier pages had. */
  start: { name: string; versions: number };
  endOffset: string | undefined;
  includesTrailing: boolean;
  matches: (name: string) => boolean;
  shows: (object: StoredObject) => boolean;
  size: number;
}

/**
 * One page of the names in a bucket, in order: objects, and with a delimiter the prefixes up to it that they share.
 * Objects and prefixes count alike towards the page. @throws Refusal
 */
export function listPage(parameters: URLSearchParams, names: ObjectNames): Listing {
  const query = listQuery(parameters);
  const page: Listing = { items: [], prefixes: [] };
  let index = names.firstFrom(query.start.name);
  for (let name = names.nameAt(index); name !== undefined && isWithin(name, query); name = names.nameAt(index)) {
    const seen = name === query.start.name ? query.start.versions : 0;
    const shown = query.matches(name) ? names.versionsOf(name).filter(query.shows).slice(seen) : [];
    if (shown.length === 0) {
      index++;
      continue;
    }
    const room = query.size - page.items.length - page.prefixes.length;
    if (room <= 0) return { ...page, nextPageToken: tokenOf(name, seen) };
    const group = groupOf(name, query);
    if (group !== undefined) page.prefixes.push(group);
    if (group === undefined || (query.includesTrailing && name === group)) {
      page.items.push(...shown.slice(0, room));
      if (shown.length > room) return { ...page, nextPageToken: tokenOf(name, seen + room) };
    }
    index = group === undefined ? index + 1 : names.firstFrom(group + LAST_CHARACTER);
  }
  return page;
}

function isWithin(name: string, { prefix, endOffset }: ListQuery): boolean {
  return name.startsWith(prefix) && (endOffset === undefined || compareText(name, endOffset) < 0);
}

/** What of a name stands for all that share it; undefined where the name stands for itself. */
function groupOf(name: string, { prefix, delimiter }: ListQuery): string | undefined {
  if (delimiter === '') return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : name.slice(0, at + delimiter.length);
}

function listQuery(parameters: URLSearchParams): ListQuery {
  const glob = parameters.get('matchGlob') ?? '';
  const delimiter = parameters.get('delimiter') ?? '';
  const prefix = parameters.get('prefix') ?? '';
  if (glob !== '' && delimiter !== '' && delimiter !== '/')
    throw invalid('matchGlob goes with no delimiter but /', 'delimiter');
  const offset = parameters.get('startOffset') ?? '';
  return {
    prefix,
    delimiter,
    start: startOf(parameters, compareText(prefix, offset) > 0 ? prefix : offset),
    endOffset: parameters.get('endOffset') || undefined,
    includesTrailing: parameters.get('includeTrailingDelimiter') === 'true',
    matches: glob === '' ? () => true : globMatcher(glob),
    shows: visibility(parameters),
    size: pageSize(parameters),
  };
}

function visibility(parameters: URLSearchParams): ListQuery['shows'] {
  const isSoftDeleted = parameters.get('softDeleted') === 'true';
  const hasVersions = parameters.get('versions') === 'true';
  if (isSoftDeleted && hasVersions) throw invalid('softDeleted and versions exclude each other', 'softDeleted');
  if (isSoftDeleted) return (object) => object.softDeleteTime !== undefined;
  return hasVersions ? (object) => object.softDeleteTime === undefined : isLive;
}

const tokenOf = (name: string, versions: number): string => pageToken(`${versions}/${name}`);

function startOf(parameters: URLSearchParams, first: string): ListQuery['start'] {
  const token = pageStart(parameters);
  if (token === undefined) return { name: first, versions: 0 };
  const [, versions, name] = /^(\d+)\/(.+)$/s.exec(token) ?? [];
  if (versions === undefined || name === undefined) throw invalid('Invalid pageToken', 'pageToken');
  return { name, versions: Number(versions) };
}
