import { hash } from 'node:crypto';

/** How much a run has drawn. Set back, it draws the same again. */
export interface Drawn {
  ids: number;
  numbers: number;
}

/**
 * UUIDs (version 8, RFC 9562) from a hash of cause, function and ordinal: whoever handles the same cause again makes the same ids,
 * so a repeated insert meets its own row.
 */
export function idSource(cause: string, functionName: string, drawn: Drawn = { ids: 0, numbers: 0 }): () => string {
  return () => idOf(cause, functionName, String(drawn.ids++));
}

export function idOf(...parts: string[]): string {
  const digest = hash('sha256', parts.join('\u0000'), 'hex');
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/** Numbers in [0, 1) with 48 random bits, seeded by the cause. A hash a number: handlers draw a few, simulations have their own generator. */
export function randomSource(cause: string, functionName: string, drawn: Drawn = { ids: 0, numbers: 0 }): () => number {
  return () => {
    const digest = hash('sha256', `${cause}\u0000${functionName}\u0000random\u0000${drawn.numbers++}`, 'buffer');
    return digest.readUIntBE(0, 6) / 2 ** 48;
  };
}
