import { join } from 'node:path';

/** What the kernel takes as a socket's path, on Linux and (shorter) on macOS. */
const LONGEST_PATH = 103;

/**
 * The folder of the server's Unix socket, as a client takes it for a host; undefined where its path would be too long. A statement
 * over it costs both sides less CPU than over TCP, and in the cloud functions reach Cloud SQL by one too.
 */
export function socketFolder(dataDir: string): string | undefined {
  return join(dataDir, '.s.PGSQL.65535').length <= LONGEST_PATH ? dataDir : undefined;
}
