import test from 'ava';
import { startLocal } from './local-firestore.ts';
import { DATABASE, ROOT, rawClientOf } from './raw-client.ts';

const CURRENT = 3;

interface Change {
  targetChange?: { targetChangeType: number; resumeToken: Buffer } | null;
  filter?: { targetId: number; count: number } | null;
  documentChange?: { document: { name: string } } | null;
  documentDelete?: { document: string } | null;
}

const isCurrent = (response: Change) => response.targetChange?.targetChangeType === CURRENT;

test('a listener that resumes hears of changes only, and how many documents it should have', async (t) => {
  const { db, server } = await startLocal(t);
  const raw = rawClientOf(t, server.port);
  for (const id of ['a', 'b', 'c']) await db.doc(`c/${id}`).set({ n: 1 });
  const query = { parent: ROOT, structuredQuery: { from: [{ collectionId: 'c' }] } };
  const listen = async (target: object) =>
    (await raw.listen({ addTarget: { targetId: 1, query, ...target } }, isCurrent)) as Change[];
  const first = await listen({});
  t.is(first.filter(({ documentChange }) => documentChange != null).length, 3);
  const resumeToken = first.at(-1)?.targetChange?.resumeToken;
  t.truthy(resumeToken);
  await db.doc('c/b').delete();
  await db.doc('c/c').update({ n: 2 });
  const second = await listen({ resumeToken, expectedCount: { value: 3 } });
  t.deepEqual(
    second.flatMap(({ documentChange }) => documentChange?.document.name ?? []),
    [`${ROOT}/c/c`],
  );
  t.deepEqual(
    second.flatMap(({ documentDelete }) => documentDelete?.document ?? []),
    [`${ROOT}/c/b`],
  );
  t.is(second.find(({ filter }) => filter != null)?.filter?.count, 2);
});

test('a token of no moment that is remembered starts a target over', async (t) => {
  const { db, server } = await startLocal(t);
  await db.doc('c/a').set({ n: 1 });
  const documents = { documents: [`${DATABASE}/documents/c/a`] };
  const addTarget = { targetId: 7, documents, resumeToken: Buffer.from('nonsense') };
  const heard = (await rawClientOf(t, server.port).listen({ addTarget }, isCurrent)) as Change[];
  const [ADD, RESET] = [1, 4];
  t.deepEqual(
    heard.flatMap(({ targetChange }) => targetChange?.targetChangeType ?? []),
    [ADD, RESET, CURRENT],
  );
  t.is(heard.filter(({ documentChange }) => documentChange != null).length, 1);
});
