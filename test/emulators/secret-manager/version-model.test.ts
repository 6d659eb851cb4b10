import test from 'ava';
import fc from 'fast-check';
import { type Local, local, secretOf } from './support.ts';

type Step =
  | { do: 'add'; text: string }
  | { do: 'enable' | 'disable' | 'destroy'; version: number }
  | { do: 'alias'; version: number };

/** What a version should be; the real thing is compared with it. */
interface Expected {
  text: string;
  state: 'ENABLED' | 'DISABLED' | 'DESTROYED';
}

const version = fc.integer({ min: 1, max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), text: fc.string({ minLength: 1 }) }),
  fc.record({ do: fc.constantFrom('enable' as const, 'disable' as const, 'destroy' as const), version }),
  fc.record({ do: fc.constant('alias' as const), version }),
);

/** Applies a step to the model; false where the service should refuse it. */
function apply(versions: Expected[], aliased: { version: number | undefined }, step: Step): boolean {
  if (step.do === 'add') return versions.push({ text: step.text, state: 'ENABLED' }) > 0;
  const found = versions[step.version - 1];
  if (found === undefined) return false;
  if (step.do === 'alias') aliased.version = step.version;
  else if (found.state === 'DESTROYED') return false;
  else found.state = ({ enable: 'ENABLED', disable: 'DISABLED', destroy: 'DESTROYED' } as const)[step.do];
  return true;
}

function perform({ client }: Local, secret: string, step: Step): Promise<unknown> {
  switch (step.do) {
    case 'add':
      return client.addSecretVersion({ parent: secret, payload: { data: Buffer.from(step.text) } });
    case 'alias':
      return client.updateSecret({
        secret: { name: secret, versionAliases: { live: step.version } },
        updateMask: { paths: ['version_aliases'] },
      });
    default:
      return client[`${step.do}SecretVersion`]({ name: `${secret}/versions/${step.version}` });
  }
}

const accessed = ({ client }: Local, name: string): Promise<string | undefined> =>
  client.accessSecretVersion({ name }).then(
    ([{ payload }]) => Buffer.from(payload?.data ?? '').toString(),
    () => undefined,
  );

const readable = (expected: Expected | undefined) => (expected?.state === 'ENABLED' ? expected.text : undefined);

test('whatever happens to its versions, a secret gives out what a list of them would', async (t) => {
  const cloud = await local(t);
  let secrets = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const secret = await secretOf(cloud, `key-${++secrets}`);
      const versions: Expected[] = [];
      const aliased: { version: number | undefined } = { version: undefined };
      for (const one of steps) {
        const isTaken = await perform(cloud, secret, one).then(
          () => true,
          () => false,
        );
        t.is(isTaken, apply(versions, aliased, one), JSON.stringify(one));
      }
      for (const [index, expected] of versions.entries())
        t.is(await accessed(cloud, `${secret}/versions/${index + 1}`), readable(expected));
      t.is(await accessed(cloud, `${secret}/versions/latest`), readable(versions.at(-1)));
      const live = aliased.version === undefined ? undefined : versions[aliased.version - 1];
      t.is(await accessed(cloud, `${secret}/versions/live`), readable(live));
    }),
    { numRuns: 40 },
  );
});
