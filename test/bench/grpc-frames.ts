/** gRPC's five bytes before each message: not compressed, then its length. */
const PREFIX_BYTES = 5;

export function grpcFrame(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/** Puts messages together from the chunks that a stream hands out. */
export class GrpcFrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wanted = PREFIX_BYTES;
  #onMessage: (message: Buffer) => void;

  constructor(onMessage: (message: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= this.#wanted) this.#next();
  }

  #next(): void {
    const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    if (all === undefined) return;
    const end = PREFIX_BYTES + all.readUInt32BE(1);
    if (all.length >= end) {
      this.#onMessage(all.subarray(PREFIX_BYTES, end));
      const rest = all.subarray(end);
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#bytes = rest.length;
      this.#wanted = PREFIX_BYTES;
    } else {
      this.#chunks = [all];
      this.#wanted = end;
    }
  }
}
