import { closeSync, fstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppendFile } from './append-file.ts';
import { syncFolder } from './folder.ts';
import { frameRecord } from './frame.ts';
import { readRecords } from './read-records.ts';

const CHUNK_BYTES = 1 << 20;

/** What a snapshot ends with: a file that is cut off between two records has none. */
const END = new Uint8Array(0);

/** A file that is still being written, and after a crash is not used. */
export const UNFINISHED = '.new';

/**
 * Writes a snapshot beside its place, waits for the disk, and then puts it there. Takes the first payload in the turn of
 * the call; payloads from an async iterable while the event loop goes on. Resolves with its length in bytes.
 */
export async function writeSnapshot(
  path: string,
  payloads: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<number> {
  const unfinished = `${path}${UNFINISHED}`;
  rmSync(unfinished, { force: true });
  const file = new AppendFile(unfinished);
  try {
    await appendAll(file, payloads);
    await new Promise<void>((resolve, reject) =>
      file.startSync((error) => (error === undefined ? resolve() : reject(error))),
    );
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    file.close();
  }
  renameSync(unfinished, path);
  syncFolder(dirname(path));
  return file.bytes;
}

/** Hands every payload of a snapshot to `visit`; answers its length in bytes. @throws where it is damaged. */
export function readSnapshot(path: string, visit: (payload: Buffer) => void): number {
  const fd = openSync(path, 'r');
  try {
    let isComplete = false;
    const { kind, offset } = readRecords(fd, fstatSync(fd).size, (payload) => {
      if (payload.length === END.length) isComplete = true;
      else visit(payload);
    });
    if (kind !== 'whole' || !isComplete)
      throw new Error(
        `${path} is corrupt at offset ${offset}: restore it from a copy, or start with --fresh to forget everything`,
      );
    return offset;
  } finally {
    closeSync(fd);
  }
}

async function appendAll(file: AppendFile, payloads: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
  let chunk: Buffer[] = [];
  let bytes = 0;
  const add = (payload: Uint8Array) => {
    const record = frameRecord(payload);
    chunk.push(record);
    bytes += record.length;
  };
  const write = () => {
    file.append(chunk, bytes);
    chunk = [];
    bytes = 0;
  };
  for await (const payload of payloads) {
    add(payload);
    if (bytes < CHUNK_BYTES) continue;
    write();
    await nextTurn();
  }
  add(END);
  write();
}
