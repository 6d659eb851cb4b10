import type { LifecycleRule } from '../buckets/settings.ts';
import type { StoredObject } from '../store/records.ts';

const DAY_MS = 86_400_000;

/** From the one that is dearest to keep to the cheapest: lifecycle only moves objects that way. */
const CLASSES = ['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'];

export type LifecycleAction = { kind: 'delete' } | { kind: 'storage-class'; storageClass: string };

/**
 * What the rules of a bucket do with a generation now; undefined for nothing. `newer` is how many generations of the name
 * came after it. Deletion goes before a change of class, and the cheapest class before the others
 * (cloud.google.com/storage/docs/lifecycle).
 */
export function dueAction(
  rules: readonly LifecycleRule[],
  object: StoredObject,
  newer: number,
  now: Date,
): LifecycleAction | undefined {
  const due = rules.filter(({ condition }) => holds(condition, object, newer, now)).map(({ action }) => action);
  if (due.some(({ type }) => type === 'Delete')) return { kind: 'delete' };
  const current = rank(object.settings.storageClass);
  const coldest = Math.max(
    current,
    ...due.map(({ type, storageClass }) => (type === 'SetStorageClass' ? rank(storageClass) : -1)),
  );
  const storageClass = CLASSES[coldest];
  return coldest === current || storageClass === undefined ? undefined : { kind: 'storage-class', storageClass };
}

/** The former names of STANDARD count as it. */
const rank = (storageClass: string | undefined): number => Math.max(0, CLASSES.indexOf(storageClass ?? 'STANDARD'));

type Condition = LifecycleRule['condition'];
type Test = (object: StoredObject, newer: number, now: Date) => boolean;

/** All that a rule names is to hold; a rule that names nothing holds for nothing. */
function holds(condition: Condition, object: StoredObject, newer: number, now: Date): boolean {
  const tests = testsOf(condition);
  return tests.length > 0 && tests.every((test) => test(object, newer, now));
}

function testsOf(condition: Condition): Test[] {
  const { age, createdBefore, customTimeBefore, daysSinceCustomTime, daysSinceNoncurrentTime } = condition;
  const { isLive, matchesPrefix, matchesStorageClass, matchesSuffix, noncurrentTimeBefore, numNewerVersions } =
    condition;
  const tests: Test[] = [];
  if (age !== undefined) tests.push((object, _, now) => isOld(object.timeCreated, age, now));
  if (createdBefore !== undefined) tests.push((object) => isBefore(object.timeCreated, createdBefore));
  if (customTimeBefore !== undefined) tests.push(({ settings }) => isBefore(settings.customTime, customTimeBefore));
  if (daysSinceCustomTime !== undefined)
    tests.push(({ settings }, _, now) => isOld(settings.customTime, daysSinceCustomTime, now));
  if (daysSinceNoncurrentTime !== undefined)
    tests.push((object, _, now) => isOld(object.timeDeleted, daysSinceNoncurrentTime, now));
  if (noncurrentTimeBefore !== undefined) tests.push((object) => isBefore(object.timeDeleted, noncurrentTimeBefore));
  if (isLive !== undefined) tests.push((object) => (object.timeDeleted === undefined) === isLive);
  if (matchesPrefix !== undefined) tests.push(({ name }) => matchesPrefix.some((prefix) => name.startsWith(prefix)));
  if (matchesSuffix !== undefined) tests.push(({ name }) => matchesSuffix.some((suffix) => name.endsWith(suffix)));
  if (matchesStorageClass !== undefined)
    tests.push(({ settings }) => matchesStorageClass.includes(settings.storageClass ?? 'STANDARD'));
  if (numNewerVersions !== undefined) tests.push((_, newer) => newer >= numNewerVersions);
  return tests;
}

function isOld(time: string | undefined, days: number, now: Date): boolean {
  return time !== undefined && now.getTime() - Date.parse(time) >= days * DAY_MS;
}

/** `date` is a day, which begins at midnight in UTC. */
function isBefore(time: string | undefined, date: string): boolean {
  return time !== undefined && Date.parse(time) < Date.parse(`${date}T00:00:00Z`);
}
