import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AppendFile } from '../log/append-file.ts';
import { numbersIn } from '../log/folder.ts';

export type { Warn } from '../log/append-file.ts';

/** One file of the log. `liveMessages` counts message × subscription still unacknowledged, `liveBytes` their requests. */
export class Segment {
  readonly number: number;
  readonly file: AppendFile;
  liveMessages = 0;
  liveBytes = 0;

  constructor(directory: string, number: number) {
    this.number = number;
    this.file = new AppendFile(join(directory, `${String(number).padStart(10, '0')}.log`));
  }

  /** The numbers of the segments in a folder, oldest first. */
  static numbersIn(directory: string): number[] {
    return numbersIn(directory, /^(\d{10})\.log$/);
  }

  get bytes(): number {
    return this.file.bytes;
  }

  read(offset: number, length: number): Buffer {
    return this.file.read(offset, length);
  }

  /** Forgets the file. It is unlinked off the main thread: 32 MiB took 10 ms (median of 15, busy machine). */
  remove(): Promise<void> {
    this.file.close();
    return unlink(this.file.path);
  }
}
