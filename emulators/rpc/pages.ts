import { invalidArgument } from './status-error.ts';

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 1000;

export interface PageRequest {
  pageSize?: number;
  pageToken?: string;
}

/**
 * One page of a list in name order. The token is the last name of the page before, so that a resource made or deleted
 * between two pages moves none of the others.
 */
export function page<T>(
  all: Iterable<T>,
  nameOf: (item: T) => string,
  request: PageRequest,
): { items: T[]; nextPageToken: string } {
  const size = request.pageSize ?? 0;
  if (size < 0) throw invalidArgument('page_size is negative.');
  const after = Buffer.from(request.pageToken ?? '', 'base64url').toString();
  const rest = [...all].filter((item) => nameOf(item) > after).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const items = rest.slice(0, Math.min(size || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE));
  const last = items.at(-1);
  const more = last !== undefined && items.length < rest.length;
  return { items, nextPageToken: more ? Buffer.from(nameOf(last)).toString('base64url') : '' };
}
