import test from 'ava';
import { TransientFailure } from '#core/problem.ts';
import { readClamdAddress } from '../../../functions/files/scanning/clamd.ts';
import { scan } from '../../../functions/files/scanning/scan.ts';
import { fakeClamd } from './fake-clamd.ts';

const content = Buffer.from('grade;discount\nSLM;-150\n'.repeat(60_000));

async function* source(): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += 1_200_000) yield content.subarray(at, at + 1_200_000);
}

test('clamd is given the whole file, and its word lets it pass', async (t) => {
  let seen: Buffer = Buffer.alloc(0);
  const clamd = await fakeClamd(t, (bytes) => {
    seen = bytes;
    return 'stream: OK';
  });
  t.is((await scan(source(), { clamd })).kind, 'nothing-found');
  t.true(seen.equals(content));
});

test('what clamd finds is named', async (t) => {
  const clamd = await fakeClamd(t, () => 'stream: Win.Test.EICAR_HDB-1 FOUND');
  t.deepEqual(await scan(source(), { clamd }), {
    kind: 'found',
    reason: 'malware',
    detail: 'The virus scanner found Win.Test.EICAR_HDB-1.',
  });
});

test('a file that is larger than clamd takes is not released', async (t) => {
  const clamd = await fakeClamd(t, () => 'INSTREAM size limit exceeded. ERROR');
  t.like(await scan(source(), { clamd }), { kind: 'found', reason: 'too-large-to-scan' });
});

test('clamd may answer and hang up before it has everything', async (t) => {
  const clamd = await fakeClamd(t, () => 'INSTREAM size limit exceeded. ERROR', { after: 100_000 });
  t.like(await scan(source(), { clamd }), { kind: 'found', reason: 'too-large-to-scan' });
});

test('what we find ourselves needs no word from clamd', async (t) => {
  const clamd = await fakeClamd(t, () => 'stream: OK');
  const encrypted = async function* () {
    yield Buffer.from('Rar!\x1a\x07\x01\x00and so on');
  };
  t.like(await scan(encrypted(), { clamd }), { kind: 'found', reason: 'unreadable-archive' });
});

test('a clamd that is away, hangs up or does not know gives no verdict, and nothing passes', async (t) => {
  const hangsUp = await fakeClamd(t, () => undefined);
  const fails = await fakeClamd(t, () => 'Can not allocate memory ERROR');
  for (const clamd of [{ host: '127.0.0.1', port: 1 }, hangsUp, fails])
    await t.throwsAsync(scan(source(), { clamd }), { instanceOf: TransientFailure });
});

test('where clamd is, is a host, or a host and a port', (t) => {
  t.is(readClamdAddress(''), undefined);
  t.deepEqual(readClamdAddress('clamd.internal'), { host: 'clamd.internal', port: 3310 });
  t.deepEqual(readClamdAddress('10.0.0.5:3311'), { host: '10.0.0.5', port: 3311 });
  t.throws(() => readClamdAddress('host:port'), { instanceOf: TypeError });
});
