import test from 'ava';
import fc from 'fast-check';
import { fileState } from '#contracts/files/terms.ts';
import { BUCKET_BY_STATE, type FileState } from '../../functions/files/domain/file.ts';
import { dispositionOf, tidyName } from '../../functions/files/domain/file-name.ts';
import { objectNameOf, readObjectName } from '../../functions/files/domain/object-name.ts';
import { type Grant, include, type Rights, rightsOf } from '../../functions/files/domain/sharing.ts';
import { admit, allowanceOf, bytesLeft, changeOfSpace, type Space } from '../../functions/files/domain/space.ts';
import { judgeFacts, judgeScan } from '../../functions/files/domain/verdict.ts';

test('a name keeps its letters and loses what a path, a header or a shell would read', (t) => {
  t.is(tidyName('Marge Soja été 2020.xlsx'), 'Marge Soja été 2020.xlsx');
  t.is(tidyName('../../etc/passwd'), '__.._etc_passwd');
  t.is(tidyName('C:\\models\\margin.xlsx'), 'C__models_margin.xlsx');
  t.is(tidyName('margin\r\nSet-Cookie: x'), 'marginSet-Cookie_ x');
  t.is(tidyName('invoice\u202Efdp.exe'), 'invoicefdp.exe', 'no sign turns the direction of reading');
  t.is(tidyName('.bashrc'), '_bashrc');
  t.is(tidyName(' \u0007 '), 'file');
});

test('whatever a file is called, its disposition is one header that names one attachment', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 255 }), (name) => {
      const disposition = dispositionOf(name);
      t.regex(disposition, /^attachment; filename="[^"\\%;]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]*$/);
      t.false(/[^\x20-\x7e]/.test(disposition));
      const [, encoded = ''] = disposition.split("UTF-8''");
      t.is(decodeURIComponent(encoded), tidyName(name));
      t.is(tidyName(tidyName(name)), tidyName(name));
    }),
    { numRuns: 300 },
  );
});

test('an object is named after its organisation and its file, and nothing else is', (t) => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (tenant, fileId) => {
      t.deepEqual(readObjectName(objectNameOf(tenant, fileId)), { tenant, fileId });
    }),
  );
  for (const name of ['', 'a/b', `${crypto.randomUUID()}`, `${crypto.randomUUID()}/${crypto.randomUUID()}/x`])
    t.is(readObjectName(name), undefined);
});

const states = fc.constantFrom<FileState>('awaiting-upload', 'scanning', 'clean', 'quarantined', 'deleted');

test('whichever way a file goes, the space it takes is that of the state it is in', (t) => {
  fc.assert(
    fc.property(fc.array(states, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 1e9 }), (way, bytes) => {
      const total: Space = { usedBytes: 0, reservedBytes: 0, files: 0 };
      let from: FileState | undefined;
      for (const to of way) {
        const change = changeOfSpace(from, to, bytes);
        total.usedBytes += change.usedBytes;
        total.reservedBytes += change.reservedBytes;
        total.files += change.files;
        from = to;
      }
      const last = way.at(-1);
      t.is(total.usedBytes, last === 'clean' ? bytes : 0);
      t.is(total.reservedBytes, last === 'scanning' || last === 'awaiting-upload' ? bytes : 0);
      t.is(total.files, last === 'clean' ? 1 : 0);
    }),
  );
});

test('what is admitted always fits', (t) => {
  const allowance = { ...allowanceOf('standard', 1_000), largestFileBytes: 400 };
  fc.assert(
    fc.property(fc.nat(1_000), fc.nat(1_000), fc.integer({ min: 1, max: 1_000 }), (usedBytes, reservedBytes, bytes) => {
      const space = { usedBytes, reservedBytes, files: 1 };
      const admission = admit(bytes, space, allowance);
      const fits = usedBytes + reservedBytes + bytes <= 1_000;
      t.is(admission.kind, fits && bytes <= 400 ? 'admitted' : 'refused');
      if (admission.kind === 'refused') {
        t.is(admission.bytesLeft, Math.max(0, 1_000 - usedBytes - reservedBytes));
        t.is(admission.problem, fits ? 'too-large' : 'storage-quota-exceeded');
      }
      t.true(bytesLeft(space, allowance) >= 0);
    }),
  );
});

test('the owner and administrators decide; others may what was granted to them or to a role of theirs, the most of it', (t) => {
  const grants: Grant[] = [
    { kind: 'user', grantee: 'ann', access: 'read' },
    { kind: 'role', grantee: 'trader', access: 'write' },
    { kind: 'role', grantee: 'ann', access: 'write' },
  ];
  const rights = (id: string, ...roles: string[]) => rightsOf({ id, roles }, 'owner', grants);
  t.is(rights('owner'), 'share');
  t.is(rights('boss', 'organization-admin'), 'share');
  t.is(rights('ann'), 'read', 'a role of the same name is not a person');
  t.is(rights('ann', 'trader'), 'write');
  t.is(rights('bob', 'viewer'), 'none');
  const order: Rights[] = ['none', 'read', 'write', 'share'];
  for (const [has, held] of order.entries())
    for (const [needs, wanted] of order.entries()) t.is(include(held, wanted), has >= needs);
});

test('a verdict is clean for the bytes that were declared, and for no others', (t) => {
  const expected = { bytes: 3, sha256: 'a'.repeat(64), md5: undefined, crc32c: 'AAAAAA==' };
  const facts = { bytes: 3, md5: 'whatever', crc32c: 'AAAAAA==' };
  t.is(judgeFacts(expected, facts), undefined);
  t.like(judgeFacts(expected, { ...facts, bytes: 4 }), { reason: 'size-mismatch' });
  t.like(judgeFacts(expected, { ...facts, crc32c: 'BBBBBB==' }), { reason: 'checksum-mismatch' });
  t.like(judgeFacts({ ...expected, md5: 'x' }, { ...facts, md5: undefined }), { reason: 'checksum-mismatch' });
  const result = { bytes: 3, sha256: expected.sha256, contentKind: 'image' } as const;
  t.deepEqual(judgeScan(expected, result), { kind: 'clean', contentKind: 'image' });
  t.like(judgeScan(expected, { ...result, bytes: 2 }), { reason: 'size-mismatch' });
  t.like(judgeScan(expected, { ...result, sha256: 'b'.repeat(64) }), { reason: 'checksum-mismatch' });
});

test('every state that the contract knows has its place', (t) => {
  t.deepEqual(fileState.options, Object.keys(BUCKET_BY_STATE) as FileState[]);
});
