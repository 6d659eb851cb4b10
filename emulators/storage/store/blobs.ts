import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { syncFolder } from '../../log/folder.ts';
import { type Checksums, RunningChecksums } from './checksums.ts';

export interface WrittenBlob extends Checksums {
  blob: string;
  size: number;
}

/** The bytes of objects, one file for each content. A file is complete before any record names it. */
export class Blobs {
  readonly #directory: string;
  readonly #fsync: boolean;

  constructor(directory: string, fsync: boolean) {
    this.#directory = directory;
    this.#fsync = fsync;
    mkdirSync(directory, { recursive: true });
  }

  /** Writes a content to its end and has it checked. Where `chunks`, the disk or the check fails, nothing stays. */
  async write(chunks: AsyncIterable<Uint8Array>, check?: (written: WrittenBlob) => void): Promise<WrittenBlob> {
    const writer = await this.append(randomUUID());
    try {
      for await (const chunk of chunks) await writer.write(chunk);
      const written = { blob: writer.blob, size: writer.size, ...writer.checksums.digest() };
      check?.(written);
      await writer.store();
      return written;
    } catch (error) {
      await this.remove(writer.blob);
      throw error;
    } finally {
      await writer.close();
    }
  }

  /** Goes on writing a blob where it ends, or starts it. What is there is read once more where no checksums are `known`. */
  async append(blob: string, known?: RunningChecksums): Promise<BlobWriter> {
    const handle = await open(this.#path(blob), 'a');
    const { size } = await handle.stat();
    const checksums = known?.size === size ? known : new RunningChecksums();
    if (checksums.size < size) for await (const chunk of this.read(blob)) checksums.update(chunk);
    return new BlobWriter(blob, handle, checksums, this.#fsync ? this.#directory : undefined);
  }

  /** The bytes [start, end), or all of them. */
  read(blob: string, range?: { start: number; end: number }): Readable {
    const bounds = range === undefined ? {} : { start: range.start, end: range.end - 1 };
    return createReadStream(this.#path(blob), { highWaterMark: 256 * 1024, ...bounds });
  }

  /** How many bytes of it are there; 0 where there is no such file. */
  async size(blob: string): Promise<number> {
    try {
      return (await stat(this.#path(blob))).size;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
      throw error;
    }
  }

  async remove(blob: string): Promise<void> {
    await rm(this.#path(blob), { force: true });
  }

  /** Removes the files that no record names: what a kill left of unfinished uploads. */
  sweep(isUsed: (blob: string) => boolean): void {
    for (const name of readdirSync(this.#directory))
      if (!isUsed(name)) rmSync(join(this.#directory, name), { force: true });
  }

  #path(blob: string): string {
    return join(this.#directory, blob);
  }
}

/** Writes at the end of one blob, and keeps its checksums. */
export class BlobWriter {
  readonly blob: string;
  readonly checksums: RunningChecksums;
  readonly #handle: FileHandle;
  readonly #syncedFolder: string | undefined;

  /** `syncedFolder`: where it lies, where what is stored is to be safe from a power cut too. */
  constructor(blob: string, handle: FileHandle, checksums: RunningChecksums, syncedFolder: string | undefined) {
    this.blob = blob;
    this.checksums = checksums;
    this.#handle = handle;
    this.#syncedFolder = syncedFolder;
  }

  get size(): number {
    return this.checksums.size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    let written = 0;
    while (written < chunk.length)
      written += (await this.#handle.write(chunk, written, chunk.length - written)).bytesWritten;
    this.checksums.update(chunk);
  }

  /** From here on a record may promise these bytes. */
  async store(): Promise<void> {
    if (this.#syncedFolder === undefined) return;
    await this.#handle.datasync();
    syncFolder(this.#syncedFolder);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
