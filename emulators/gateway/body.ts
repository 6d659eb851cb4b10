import type { IncomingMessage } from 'node:http';

/** API Gateway's limit on a request and on an answer. */
const LARGEST_BODY_BYTES = 32 * 1024 * 1024;

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * The whole body, since API Gateway does not stream either; undefined where the message says it has none.
 * Rejects with BodyTooLarge as soon as it is known, and with the connection's error when the sender goes away.
 */
export async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const stated = message.headers['content-length'];
  if (stated === undefined && message.headers['transfer-encoding'] === undefined) return undefined;
  if (Number(stated) > LARGEST_BODY_BYTES) throw new BodyTooLarge();
  return collect(message);
}

/** By events: iterating a stream costs three times as much for the one or two pieces that most bodies are. */
export function collect(message: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const lost = () => reject(new Error('the connection closed before the end'));
    message.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size <= LARGEST_BODY_BYTES) {
        pieces.push(piece);
        return;
      }
      message.removeAllListeners('data').resume();
      reject(new BodyTooLarge());
    });
    message.once('end', () => {
      message.off('close', lost);
      resolve(Buffer.concat(pieces, size));
    });
    message.once('error', reject);
    message.once('close', lost);
  });
}
