import test from 'ava';
import fc from 'fast-check';
import { localStorage, objectOf } from './local-storage.ts';

/** A bucket with versioning as the documentation tells it: per name, generations in order, of which the last may be live. */
class Model {
  readonly #names = new Map<string, { generation: string; content: string; live: boolean }[]>();

  of(name: string) {
    return this.#names.get(name) ?? [];
  }

  live(name: string) {
    return this.of(name).find(({ live }) => live);
  }

  archive(name: string): void {
    for (const version of this.of(name)) version.live = false;
  }

  put(name: string, generation: string, content: string): void {
    this.archive(name);
    this.#names.set(name, [...this.of(name), { generation, content, live: true }]);
  }

  remove(name: string, generation: string): void {
    this.#names.set(
      name,
      this.of(name).filter((version) => version.generation !== generation),
    );
  }

  /** `name#generation`, in the order of a list. */
  listed(onlyLive: boolean): string[] {
    return [...this.#names.keys()].sort().flatMap((name) =>
      this.of(name)
        .filter(({ live }) => live || !onlyLive)
        .map(({ generation }) => `${name}#${generation}`),
    );
  }
}

const name = fc.constantFrom('a', 'b');
const condition = fc.constantFrom('none', 'absent', 'current', 'stale');
const step = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), name, condition, content: fc.string({ maxLength: 5 }) }),
  fc.record({ kind: fc.constant('delete' as const), name, condition }),
  fc.record({ kind: fc.constant('delete-version' as const), name, index: fc.nat({ max: 3 }) }),
);

/** What the condition asks of the live generation, and whether that is so. */
function precondition(wanted: string, live: string | undefined): { query: string; holds: boolean } {
  if (wanted === 'none') return { query: '', holds: true };
  if (wanted === 'absent') return { query: '&ifGenerationMatch=0', holds: live === undefined };
  if (wanted === 'stale') return { query: '&ifGenerationMatch=1', holds: false };
  return { query: `&ifGenerationMatch=${live ?? 0}`, holds: true };
}

test('whatever is written, deleted and conditioned in whatever order, a versioned bucket has what the model has', async (t) => {
  const { bucket, origin } = await localStorage(t, { softDeleteSeconds: 0 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const inside = await bucket({ versioning: { enabled: true } });
      const url = `${origin}/storage/v1/b/${inside.name}/o`;
      const model = new Model();
      for (const each of steps) {
        const live = model.live(each.name)?.generation;
        if (each.kind === 'delete-version') {
          const version = model.of(each.name)[each.index];
          const answer = await fetch(`${url}/${each.name}?generation=${version?.generation ?? 1}`, {
            method: 'DELETE',
          });
          t.is(answer.status, version === undefined ? 404 : 204);
          if (version !== undefined) model.remove(each.name, version.generation);
          continue;
        }
        const { query, holds } = precondition(each.condition, live);
        if (each.kind === 'delete') {
          const answer = await fetch(`${url}/${each.name}?x=y${query}`, { method: 'DELETE' });
          t.is(answer.status, live === undefined ? 404 : holds ? 204 : 412);
          if (live !== undefined && holds) model.archive(each.name);
          continue;
        }
        const upload = `${origin}/upload/storage/v1/b/${inside.name}/o?uploadType=media&name=${each.name}${query}`;
        const answer = await fetch(upload, { method: 'POST', body: each.content });
        t.is(answer.status, holds ? 200 : 412);
        if (holds) model.put(each.name, String((await objectOf(answer)).generation), each.content);
      }
      for (const onlyLive of [true, false]) {
        const [files] = await inside.getFiles({ versions: !onlyLive });
        t.deepEqual(
          files.map((file) => `${file.name}#${file.metadata.generation}`),
          model.listed(onlyLive),
        );
      }
      for (const each of ['a', 'b'])
        for (const { generation, content } of model.of(each)) {
          const bytes = await fetch(`${url}/${each}?alt=media&generation=${generation}`);
          t.is(await bytes.text(), content);
        }
    }),
    { numRuns: 40 },
  );
});
