import test from 'ava';
import fc from 'fast-check';
import { compileFilter } from '../../../emulators/pubsub/filter.ts';
import { startPubSub } from '../../../emulators/pubsub/server.ts';
import { local, officialClient, PROJECT, pull, receive, subscriberClient, temporaryFolder, text } from './support.ts';

const matches = (filter: string, attributes: Record<string, string>) => compileFilter(filter)(attributes);

test('attributes:key matches whoever has the key', (t) => {
  t.true(matches('attributes:domain', { domain: '' }));
  t.false(matches('attributes:domain', { other: 'x' }));
  t.false(matches('attributes:constructor', Object.create(null)));
});

test('= and != compare a value, case counting, and != holds where the key is absent', (t) => {
  t.true(matches('attributes.domain = "com"', { domain: 'com' }));
  t.false(matches('attributes.domain = "com"', { domain: 'COM' }));
  t.true(matches('attributes.domain != "com"', { domain: 'org' }));
  t.true(matches('attributes.domain != "com"', {}));
});

test('hasPrefix matches the start of a value', (t) => {
  t.true(matches('hasPrefix(attributes.domain, "co")', { domain: 'com' }));
  t.false(matches('hasPrefix(attributes.domain, "om")', { domain: 'com' }));
  t.false(matches('hasPrefix(attributes.domain, "")', {}));
});

test('NOT and - negate one term', (t) => {
  t.true(matches('NOT attributes:domain AND attributes:x', { x: '' }));
  t.true(matches('-attributes.domain = "com"', {}));
  t.false(matches('NOT (attributes:a OR attributes:b)', { b: '' }));
});

test('a key with other characters than letters, digits, - and _ is a string literal', (t) => {
  t.true(matches('attributes:"iana.org/language_tag"', { 'iana.org/language_tag': 'en' }));
  t.true(matches('attributes."a b" = "c"', { 'a b': 'c' }));
  t.true(matches('attributes.my-key_1 = "c"', { 'my-key_1': 'c' }));
  t.throws(() => compileFilter('attributes:iana.org'), { message: /Invalid filter/ });
});

test('literals take escape sequences: quotes, control characters, octal, hexadecimal and Unicode', (t) => {
  t.true(matches(String.raw`attributes.k = "a\"b\\c\n\x41\101é\U0001F600"`, { k: 'a"b\\c\nAAé😀' }));
  t.throws(() => compileFilter(String.raw`attributes.k = "\q"`), { message: /escape sequence at character 17/ });
});

test('AND and OR are combined with parentheses only', (t) => {
  t.true(matches('attributes:a AND (attributes:b OR attributes:c)', { a: '', c: '' }));
  t.throws(() => compileFilter('attributes:a AND attributes:b OR attributes:c'), { message: /parentheses/ });
});

test('what is no filter is refused with where it breaks', (t) => {
  for (const filter of [
    'domain = "com"',
    'attributes.domain = com',
    'attributes.domain == "com"',
    'attributes.domain < "com"',
    'attributes.domain = "com',
    'hasSuffix(attributes.domain, "m")',
    'attributes:a and attributes:b',
    '(attributes:a',
    'attributes:a attributes:b',
    'data = "x"',
    'NOT',
    '(',
  ])
    t.throws(() => compileFilter(filter), { message: /^Invalid filter: .+ at character \d+\.$/ }, filter);
  t.throws(() => compileFilter(`attributes:${'a'.repeat(250)}`), { message: /longer than 256 bytes/ });
});

type Tree = { is: 'has' | 'equal' | 'unequal' | 'prefix'; key: string; value: string } | { is: 'not'; of: Tree } | Both;

interface Both {
  is: 'and' | 'or';
  left: Tree;
  right: Tree;
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.record({
      is: fc.constantFrom('has' as const, 'equal' as const, 'unequal' as const, 'prefix' as const),
      key: fc.constantFrom('a', 'b c', 'd'),
      value: fc.constantFrom('', 'x', 'xy', '"\\'),
    }),
    fc.record({ is: fc.constant('not' as const), of: tie('tree') }),
    fc.record({ is: fc.constantFrom('and' as const, 'or' as const), left: tie('tree'), right: tie('tree') }),
  ),
}));

function written(node: Tree): string {
  if (node.is === 'not') return `NOT (${written(node.of)})`;
  if ('left' in node) return `(${written(node.left)}) ${node.is.toUpperCase()} (${written(node.right)})`;
  const key = JSON.stringify(node.key);
  const value = JSON.stringify(node.value);
  if (node.is === 'has') return `attributes:${key}`;
  if (node.is === 'prefix') return `hasPrefix(attributes.${key}, ${value})`;
  return `attributes.${key} ${node.is === 'equal' ? '=' : '!='} ${value}`;
}

function holds(node: Tree, attributes: Record<string, string>): boolean {
  if (node.is === 'not') return !holds(node.of, attributes);
  if ('left' in node) {
    const sides = [holds(node.left, attributes), holds(node.right, attributes)];
    return node.is === 'and' ? sides.every(Boolean) : sides.some(Boolean);
  }
  const found = attributes[node.key];
  if (node.is === 'has') return found !== undefined;
  if (node.is === 'prefix') return found?.startsWith(node.value) ?? false;
  return (found === node.value) === (node.is === 'equal');
}

test('every filter means what its parts mean', (t) => {
  const attributes = fc.dictionary(fc.constantFrom('a', 'b c', 'd'), fc.constantFrom('', 'x', 'xy', '"\\', 'z'));
  fc.assert(
    fc.property(tree, attributes, (node, values) => {
      const filter = written(node);
      fc.pre(Buffer.byteLength(filter) <= 256);
      return matches(filter, values) === holds(node, values);
    }),
    { numRuns: 2000, seed: 3 },
  );
  t.pass();
});

test('a subscription receives what matches its filter only, and the rest counts as acknowledged', async (t) => {
  const { client, server } = await local(t);
  const [topic] = await client.createTopic('prices');
  const [subscription] = await topic.createSubscription('ticks', { filter: 'attributes.kind = "tick"' });
  for (const kind of ['tick', 'bar', 'tick', 'bar'])
    await topic.publishMessage({ data: Buffer.from(kind), attributes: { kind } });
  await topic.publishMessage({ data: Buffer.from('none') });
  t.is(server.methods.backlog().unacked, 2);
  t.deepEqual((await receive(subscription, 2)).map(text), ['tick', 'tick']);
});

test('a filter holds after a restart, and cannot be changed', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await startPubSub({ port: 0, dataDir });
  const [topic] = await officialClient(t, first.port).createTopic('prices');
  const [subscription] = await topic.createSubscription('ticks', { filter: 'NOT attributes:skip' });
  await topic.publishMessage({ data: Buffer.from('kept') });
  await topic.publishMessage({ data: Buffer.from('dropped'), attributes: { skip: 'yes' } });
  await t.throwsAsync(subscription.setMetadata({ filter: 'attributes:skip' }), { message: /3 INVALID_ARGUMENT/ });
  await first.close();
  const second = await startPubSub({ port: 0, dataDir });
  t.teardown(() => second.close());
  t.is(second.methods.backlog().unacked, 1);
  const messages = await pull(subscriberClient(t, second.port), `projects/${PROJECT}/subscriptions/ticks`);
  t.deepEqual(
    messages.map((message) => message.text),
    ['kept'],
  );
});

test('a subscription with a filter that is none is refused', async (t) => {
  const { client } = await local(t);
  const [topic] = await client.createTopic('prices');
  await t.throwsAsync(topic.createSubscription('bad', { filter: 'kind = "tick"' }), { message: /3 INVALID_ARGUMENT/ });
});
