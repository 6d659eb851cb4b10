import { invalid } from '../http/refusal.ts';

const ALLOWED = /^[a-z0-9][a-z0-9._-]*[a-z0-9]$/;
const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;

/** The rules for names (cloud.google.com/storage/docs/buckets#naming). @throws Refusal */
export function checkBucketName(name: unknown): string {
  if (typeof name !== 'string' || !isBucketName(name)) throw invalid(`Invalid bucket name: '${String(name)}'`, 'name');
  return name;
}

function isBucketName(name: string): boolean {
  const longest = name.includes('.') ? 222 : 63;
  return (
    name.length >= 3 &&
    name.length <= longest &&
    ALLOWED.test(name) &&
    !ADDRESS.test(name) &&
    !name.includes('..') &&
    !name.startsWith('goog') &&
    name.split('.').every((label) => label.length <= 63)
  );
}
