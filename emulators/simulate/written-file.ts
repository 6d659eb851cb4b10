import { access, constants, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from './usage.ts';

/** Asked before a run, which may take long: a folder that is not there would lose what it came to. Throws UsageError. */
export function insistWritable(file: string): Promise<void> {
  return explained(file, access(dirname(resolve(file)), constants.W_OK));
}

/** Throws UsageError. */
export function write(file: string, text: string): Promise<void> {
  return explained(file, writeFile(file, text));
}

async function explained(file: string, doing: Promise<void>): Promise<void> {
  try {
    await doing;
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
