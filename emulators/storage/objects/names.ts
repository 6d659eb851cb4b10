import { invalid, required } from '../http/refusal.ts';

const MAX_NAME_BYTES = 1024;

/** The rules for names (cloud.google.com/storage/docs/objects#naming). @throws Refusal */
export function checkObjectName(name: unknown): string {
  if (typeof name !== 'string' || name === '') throw required('Required');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES)
    throw invalid('The maximum object length is 1024 characters, but got a name with more.', 'name');
  const isReserved = name === '.' || name === '..' || name.startsWith('.well-known/acme-challenge/');
  if (isReserved || /[\r\n]/.test(name) || !name.isWellFormed())
    throw invalid(`Invalid object name: '${name}'`, 'name');
  return name;
}
