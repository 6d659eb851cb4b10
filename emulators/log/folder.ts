import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';

/** A file that was made or renamed is safe from a power cut only with its folder's entry. */
export function syncFolder(directory: string): void {
  const folder = openSync(directory, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** The numbers in the names of a folder's files, smallest first; `name` has the digits as its first group. */
export function numbersIn(directory: string, name: RegExp): number[] {
  return readdirSync(directory)
    .map((file) => name.exec(file)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((left, right) => left - right);
}
