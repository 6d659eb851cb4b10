import { invalid } from './refusal.ts';

const MAX_PAGE = 1000;

/** How many items a page has at most. @throws Refusal */
export function pageSize(query: URLSearchParams): number {
  const asked = query.get('maxResults');
  if (asked === null) return MAX_PAGE;
  const size = Number(asked);
  if (!Number.isInteger(size) || size < 0) throw invalid(`Invalid value for maxResults: ${asked}`, 'maxResults');
  return size === 0 ? MAX_PAGE : Math.min(size, MAX_PAGE);
}

/** A token that says from where the next page goes on. */
export function pageToken(from: string): string {
  return Buffer.from(from, 'utf8').toString('base64url');
}

/** Where the page begins; undefined for the first one. */
export function pageStart(query: URLSearchParams): string | undefined {
  const token = query.get('pageToken');
  return token === null || token === '' ? undefined : Buffer.from(token, 'base64url').toString('utf8');
}

/** The page of a list that is sorted by key. */
export function pageOf<T>(
  query: URLSearchParams,
  items: readonly T[],
  key: (item: T) => string,
): { items: T[]; next?: string } {
  const size = pageSize(query);
  const start = pageStart(query);
  const from = start === undefined ? items : items.filter((item) => key(item) >= start);
  const next = from[size];
  return { items: from.slice(0, size), ...(next === undefined ? {} : { next: pageToken(key(next)) }) };
}
