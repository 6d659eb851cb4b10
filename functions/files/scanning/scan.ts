import { createHash } from 'node:crypto';
import type { QuarantineReason } from '../domain/file.ts';
import type { ScanResult } from '../domain/verdict.ts';
import { type ClamdAddress, openClamd } from './clamd.ts';
import { scanContent } from './content.ts';
import { DEFAULT_LIMITS, Expansion, type ExpansionLimits } from './expansion.ts';
import { Finding } from './finding.ts';

export type Scanned =
  | { kind: 'nothing-found'; result: ScanResult }
  | { kind: 'found'; reason: QuarantineReason; detail: string };

interface ScanOptions {
  limits?: ExpansionLimits;
  /** A virus scanner that is to see the same bytes. */
  clamd?: ClamdAddress | undefined;
}

/**
 * Reads a file once from front to back in constant memory: its length, its SHA-256, what it is, and whether anything in it keeps it
 * from being released. Rejects where the stream fails or the virus scanner is away: then nothing is known of the file.
 */
export async function scan(
  content: AsyncIterable<Buffer>,
  { limits = DEFAULT_LIMITS, clamd }: ScanOptions = {},
): Promise<Scanned> {
  const sha256 = createHash('sha256');
  const scanner = clamd === undefined ? undefined : await openClamd(clamd);
  const expansion = new Expansion(limits);
  let bytes = 0;
  async function* passing(): AsyncGenerator<Buffer, void, void> {
    for await (const chunk of content) {
      bytes += chunk.length;
      expansion.countRead(chunk.length);
      sha256.update(chunk);
      await scanner?.send(chunk);
      yield chunk;
    }
  }
  try {
    const contentKind = await scanContent(passing(), expansion, 0);
    await scanner?.verdict();
    return { kind: 'nothing-found', result: { bytes, sha256: sha256.digest('hex'), contentKind } };
  } catch (error) {
    if (!(error instanceof Finding)) throw error;
    return { kind: 'found', reason: error.reason, detail: error.message };
  } finally {
    scanner?.close();
  }
}
