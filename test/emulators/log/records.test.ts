import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { AppendFile } from '../../../emulators/log/append-file.ts';
import { frameRecord } from '../../../emulators/log/frame.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-records-'));
test.after.always(() => rmSync(folder, { recursive: true }));

let files = 0;

/** A file with these bytes, opened. */
function fileOf(bytes: Uint8Array): AppendFile {
  const path = join(folder, `${files++}`);
  writeFileSync(path, bytes);
  return new AppendFile(path);
}

interface Replayed {
  payloads: string[];
  offsets: number[];
  warnings: unknown[];
}

/** What a file says when it is opened after a crash. */
function replay(file: AppendFile, isLast = true): Replayed {
  const replayed: Replayed = { payloads: [], offsets: [], warnings: [] };
  file.replay(
    isLast,
    (payload, offset) => {
      replayed.payloads.push(payload.toString('hex'));
      replayed.offsets.push(offset);
    },
    (message, details) => replayed.warnings.push({ message, ...details }),
  );
  return replayed;
}

const hex = (payloads: Uint8Array[]) => payloads.map((payload) => Buffer.from(payload).toString('hex'));
const framed = (payloads: Uint8Array[]) => Buffer.concat(payloads.map(frameRecord));
const records = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 12 });

test('records come back as they were appended, each with the place it starts at', (t) => {
  const property = fc.property(records, (payloads) => {
    const file = fileOf(new Uint8Array(0));
    let end = 0;
    const starts = payloads.map((payload) => {
      const start = end;
      const record = frameRecord(payload);
      file.append([record.subarray(0, 5), record.subarray(5)], record.length);
      end += record.length;
      return start;
    });
    t.is(file.bytes, end);
    t.deepEqual(replay(file), { payloads: hex(payloads), offsets: starts, warnings: [] });
    file.close();
  });
  fc.assert(property, { numRuns: 50, seed: 1 });
});

test('a record longer than what is read at once comes back whole', (t) => {
  const payloads = [Buffer.from('before'), Buffer.alloc(3 << 20, 'long'), Buffer.from('after')];
  const file = fileOf(framed(payloads));
  t.true(replay(file).payloads.join() === hex(payloads).join());
  file.close();
});

test('wherever a write was cut short, the records before it stay and the rest is dropped with a warning', (t) => {
  const property = fc.property(records, fc.nat(), (payloads, random) => {
    const whole = framed(payloads);
    const at = random % whole.length;
    const file = fileOf(whole.subarray(0, at));
    const { payloads: kept, warnings } = replay(file);
    t.deepEqual(kept, hex(payloads).slice(0, kept.length));
    const keptBytes = framed(payloads.slice(0, kept.length)).length;
    t.true(at - keptBytes < frameRecord(payloads[kept.length] ?? new Uint8Array(0)).length);
    const dropped = {
      message: 'dropped a torn last record',
      file: file.path,
      offset: keptBytes,
      bytes: at - keptBytes,
    };
    t.deepEqual(warnings, at === keptBytes ? [] : [dropped]);
    t.is(readFileSync(file.path).length, keptBytes);
    const next = frameRecord(Buffer.from('next'));
    file.append([next], next.length);
    t.deepEqual(replay(file).payloads, [...kept, hex([Buffer.from('next')])[0]]);
    file.close();
  });
  fc.assert(property, { numRuns: 100, seed: 2 });
});

test('a byte that changed before the last record stops the reading with the offset and the command, and nothing is lost', (t) => {
  const property = fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (payloads, random, change) => {
    const before = framed(payloads);
    const bytes = Buffer.concat([before, frameRecord(Buffer.from('last'))]);
    const at = random % before.length;
    bytes.writeUInt8(bytes.readUInt8(at) ^ change, at);
    let offset = 0;
    for (const payload of payloads) {
      const end = offset + frameRecord(payload).length;
      if (at < end) break;
      offset = end;
    }
    const file = fileOf(bytes);
    const { message } = t.throws(() => replay(file));
    t.is(
      message,
      `${file.path} is corrupt at offset ${offset}: restore it from a copy, or give up what follows with: ` +
        `truncate -s ${offset} ${file.path}`,
    );
    t.deepEqual(readFileSync(file.path), bytes);
    file.close();
  });
  fc.assert(property, { numRuns: 100, seed: 3 });
});

test('a last record whose payload is not all there is torn, as a power cut leaves it', (t) => {
  const bytes = framed([Buffer.from('one'), Buffer.from('two')]);
  bytes.fill(0, bytes.length - 2);
  const file = fileOf(bytes);
  const { payloads, warnings } = replay(file);
  t.deepEqual(payloads, hex([Buffer.from('one')]));
  t.is(warnings.length, 1);
  file.close();
});

test('zeros after the last record are a write that a power cut kept out', (t) => {
  const file = fileOf(framed([Buffer.from('one')]));
  appendFileSync(file.path, Buffer.alloc(3 << 20));
  file.close();
  const again = new AppendFile(file.path);
  const { payloads, warnings } = replay(again);
  t.deepEqual(payloads, hex([Buffer.from('one')]));
  t.is(warnings.length, 1);
  again.close();
});

test('only the last file of a log may end with a torn record', (t) => {
  const whole = framed([Buffer.from('one'), Buffer.from('two')]);
  const file = fileOf(whole.subarray(0, whole.length - 1));
  t.throws(() => replay(file, false), { message: /is corrupt at offset 15: / });
  t.is(readFileSync(file.path).length, whole.length - 1);
  file.close();
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'a device that takes nothing is a clear error, and what cannot be cut off again stops the file for good',
  (t) => {
    const file = new AppendFile('/dev/full');
    const record = frameRecord(Buffer.from('one'));
    t.throws(() => file.append([record], record.length), { message: /^\/dev\/full cannot be written: ENOSPC/ });
    t.throws(() => file.append([record], record.length), { message: /cannot be cut off/ });
    file.close();
  },
);
