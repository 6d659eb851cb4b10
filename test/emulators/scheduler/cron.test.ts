import test from 'ava';
import fc from 'fast-check';
import { parseCron } from '../../../emulators/scheduler/cron.ts';
import { matches, nextTime, wallClock } from '../../../emulators/scheduler/next-time.ts';

const MINUTE_MS = 60_000;

function next(schedule: string, after: string, timeZone = 'Etc/UTC'): string | undefined {
  const instant = nextTime(parseCron(schedule), wallClock(timeZone), Date.parse(after));
  return instant === undefined ? undefined : new Date(instant).toISOString().slice(0, 16);
}

test('each form of a field gives its next time', (t) => {
  const friday = '2026-01-02T10:07:30Z';
  t.is(next('* * * * *', friday), '2026-01-02T10:08');
  t.is(next('*/15 * * * *', friday), '2026-01-02T10:15');
  t.is(next('7 10 * * *', friday), '2026-01-03T10:07');
  t.is(next('0 8-18/5 * * *', friday), '2026-01-02T13:00');
  t.is(next('0 9 * * mon-wed', friday), '2026-01-05T09:00');
  t.is(next('0 9 * * 7', friday), '2026-01-04T09:00');
  t.is(next('30 6 1,15 jun *', friday), '2026-06-01T06:30');
  t.is(next('59 23 31 12 *', friday), '2026-12-31T23:59');
});

test('two restricted days mean either, one means that one', (t) => {
  t.is(next('0 0 13 * fri', '2026-03-01T00:00:00Z'), '2026-03-06T00:00');
  t.is(next('0 0 13 * *', '2026-03-01T00:00:00Z'), '2026-03-13T00:00');
});

test('29 February is found over a century without one, and 30 February never', (t) => {
  t.is(next('0 0 29 2 *', '2096-03-01T00:00:00Z'), '2104-02-29T00:00');
  t.is(next('0 0 30 2 *', '2026-01-01T00:00:00Z'), undefined);
});

test('a time zone keeps its time on the wall across summer time', (t) => {
  t.is(next('30 9 * * *', '2026-03-27T12:00:00Z', 'Europe/London'), '2026-03-28T09:30');
  t.is(next('30 9 * * *', '2026-03-28T12:00:00Z', 'Europe/London'), '2026-03-29T08:30');
  t.is(next('0 9 * * *', '2026-01-01T00:00:00Z', 'Asia/Kolkata'), '2026-01-01T03:30');
});

test('an hour that clocks skip does not come, and one that they repeat comes twice', (t) => {
  t.is(next('30 2 * * *', '2026-03-07T12:00:00Z', 'America/New_York'), '2026-03-09T06:30');
  t.is(next('30 1 * * *', '2026-10-31T12:00:00Z', 'America/New_York'), '2026-11-01T05:30');
  t.is(next('30 1 * * *', '2026-11-01T05:30:00Z', 'America/New_York'), '2026-11-01T06:30');
});

test('what is not a schedule is refused with the field that is wrong', (t) => {
  t.throws(() => parseCron('every 5 minutes'), { message: /needs five fields/ });
  t.throws(() => parseCron('60 * * * *'), { message: "'60' is not a minute: 0 to 59" });
  t.throws(() => parseCron('* * 0 * *'), { message: "'0' is not a day of month: 1 to 31" });
  t.throws(() => parseCron('* * * smarch *'), { message: "'smarch' is not a month: 1 to 12" });
  t.throws(() => parseCron('*/0 * * * *'), { message: /minute/ });
  t.throws(() => parseCron('9-5 * * * *'), { message: /minute/ });
  t.throws(() => wallClock('Mars/Olympus'), { instanceOf: RangeError });
});

test('the next time is the first minute that matches, in any time zone', (t) => {
  const field = (first: number, last: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min: first, max: last }).map(String),
      fc.integer({ min: 2, max: 7 }).map((step) => `*/${step}`),
    );
  const schedule = fc
    .tuple(field(0, 59), field(0, 23), fc.constant('*'), fc.constant('*'), field(0, 6))
    .map((fields) => fields.join(' '));
  const zone = fc.constantFrom('Etc/UTC', 'Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu');
  const after = fc.integer({ min: Date.UTC(2026, 2, 1), max: Date.UTC(2026, 10, 15) });
  fc.assert(
    fc.property(schedule, zone, after, (text, timeZone, afterMs) => {
      const cron = parseCron(text);
      const wall = wallClock(timeZone);
      const found = nextTime(cron, wall, afterMs) ?? Number.POSITIVE_INFINITY;
      t.true(found > afterMs && found % MINUTE_MS === 0 && matches(cron, wall(found)));
      const until = Math.min(found, afterMs + 600 * MINUTE_MS);
      for (let at = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS; at < until; at += MINUTE_MS) {
        if (matches(cron, wall(at))) t.fail(`${text} in ${timeZone} missed ${new Date(at).toISOString()}`);
      }
    }),
    { seed: 20260102, numRuns: 60 },
  );
});
