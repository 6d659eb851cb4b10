import test from 'ava';
import fc from 'fast-check';
import { listPage } from '../../../emulators/storage/objects/list.ts';
import { ObjectNames } from '../../../emulators/storage/store/object-names.ts';
import type { StoredObject } from '../../../emulators/storage/store/records.ts';
import { localStorage, refusalOf } from './local-storage.ts';

function namesOf(names: Iterable<string>): ObjectNames {
  const objects = new ObjectNames();
  let generation = 1;
  for (const name of names) objects.set(liveObject(name, generation++));
  return objects;
}

function liveObject(name: string, generation: number): StoredObject {
  const now = '2026-01-01T00:00:00.000Z';
  return {
    bucket: 'b',
    bucketGeneration: '1',
    name,
    generation,
    metageneration: 1,
    blob: name,
    size: 0,
    crc32c: '',
    timeCreated: now,
    updated: now,
    timeStorageClassUpdated: now,
    settings: {},
  };
}

function allPages(names: ObjectNames, parameters: Record<string, string>) {
  const items: string[] = [];
  const prefixes: string[] = [];
  let pageToken = '';
  do {
    const page = listPage(new URLSearchParams({ ...parameters, ...(pageToken === '' ? {} : { pageToken }) }), names);
    items.push(...page.items.map(({ name }) => name));
    prefixes.push(...page.prefixes);
    pageToken = page.nextPageToken ?? '';
  } while (pageToken !== '');
  return { items, prefixes };
}

const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

/** The list as the documentation tells it, over all names at once. */
function model(
  names: readonly string[],
  query: { prefix: string; delimiter: string; startOffset: string; endOffset: string },
) {
  const { prefix, delimiter, startOffset, endOffset } = query;
  const inside = names
    .filter((name) => name.startsWith(prefix) && byBytes(name, startOffset) >= 0)
    .filter((name) => endOffset === '' || byBytes(name, endOffset) < 0)
    .sort(byBytes);
  const groups = new Set<string>();
  const items: string[] = [];
  for (const name of inside) {
    const at = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
    if (at < 0) items.push(name);
    else groups.add(name.slice(0, at + delimiter.length));
  }
  return { items, prefixes: [...groups] };
}

const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '\u{1f33e}', '￿'), minLength: 1, maxLength: 6 });
const maybe = fc.oneof(fc.constant(''), text);

test('every list, page by page, is what a plain look at all names gives', (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(text, { maxLength: 20 }),
      fc.record({ prefix: maybe, delimiter: fc.constantFrom('', '/', 'a'), startOffset: maybe, endOffset: maybe }),
      fc.integer({ min: 1, max: 4 }),
      (names, query, maxResults) => {
        const listed = allPages(namesOf(names), { ...query, maxResults: String(maxResults) });
        t.deepEqual(listed, model(names, query));
      },
    ),
    { numRuns: 500 },
  );
  t.pass();
});

const matches = (glob: string, names: readonly string[]) => allPages(namesOf(names), { matchGlob: glob }).items;

test('matchGlob: a star stays between slashes, two stars do not', (t) => {
  const names = ['foo', 'foo/bar', 'foo/bar/baz', 'foobar'];
  t.deepEqual(matches('foo*', names), ['foo', 'foobar']);
  t.deepEqual(matches('foo**', names), names);
  t.deepEqual(matches('foo/*', names), ['foo/bar']);
  t.deepEqual(matches('**/baz', names), ['foo/bar/baz']);
  t.deepEqual(matches('foo/**/baz', ['foo/baz', 'foo/x/baz', 'foo/x/y/baz']), ['foo/baz', 'foo/x/baz', 'foo/x/y/baz']);
});

test('matchGlob: one character, a choice of them, and alternatives', (t) => {
  t.deepEqual(matches('a?c', ['abc', 'ac', 'a/c']), ['abc']);
  t.deepEqual(matches('[a-c].txt', ['a.txt', 'd.txt']), ['a.txt']);
  t.deepEqual(matches('[!a-c].txt', ['a.txt', 'd.txt']), ['d.txt']);
  t.deepEqual(matches('*.{csv,txt}', ['a.csv', 'a.md', 'a.txt']), ['a.csv', 'a.txt']);
  t.deepEqual(matches('a.b+(c)', ['a.b+(c)', 'axb+(c)']), ['a.b+(c)']);
});

test('includeTrailingDelimiter lists an object that is called as a prefix both ways', (t) => {
  const names = namesOf(['dir/', 'dir/a', 'other']);
  t.deepEqual(allPages(names, { delimiter: '/' }), { items: ['other'], prefixes: ['dir/'] });
  t.deepEqual(allPages(names, { delimiter: '/', includeTrailingDelimiter: 'true' }), {
    items: ['dir/', 'other'],
    prefixes: ['dir/'],
  });
});

test('versions are listed oldest first, across pages', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket({ versioning: { enabled: true } });
  const generations: string[] = [];
  for (const text of ['one', 'two', 'three']) {
    const file = inside.file('grown');
    await file.save(text, { resumable: false });
    generations.push(String(file.metadata.generation));
  }
  const [first, next] = await inside.getFiles({ versions: true, maxResults: 2, autoPaginate: false });
  const [second] = await inside.getFiles({ ...next, autoPaginate: false });
  t.is(first.length, 2);
  t.deepEqual(
    [...first, ...second].map(({ metadata }) => String(metadata.generation)),
    generations,
  );
  t.is((await inside.getFiles())[0].length, 1);
});

test('a page token or a size that is none is refused', async (t) => {
  const { bucket } = await localStorage(t);
  const inside = await bucket();
  t.is((await refusalOf(inside.getFiles({ pageToken: 'nonsense' }))).code, 400);
  t.is((await refusalOf(inside.getFiles({ maxResults: -1 }))).code, 400);
});
