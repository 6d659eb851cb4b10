import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A reply of the Redis protocol: text for simple strings, bytes for bulk strings. */
export type Reply = string | number | Buffer | null | Reply[] | Error;

/** As much of the Redis protocol (RESP 2) as a pipelined load needs: redis.io/docs/latest/develop/reference/protocol-spec */
export class RespClient {
  #socket: Socket;
  #waiting: ((reply: Reply) => void)[] = [];
  #head = 0;
  #rest: Buffer = Buffer.alloc(0);
  #at = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
  }

  static async connect(port: number): Promise<RespClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RespClient(socket);
  }

  /** Commands sent in one turn of the event loop leave in one write. Rejects with Redis's own error. */
  send(...parts: (string | Buffer)[]): Promise<Reply> {
    if (this.#waiting.length === this.#head) this.#waiting = [];
    if (!this.#socket.writableCorked) {
      this.#socket.cork();
      setImmediate(() => this.#socket.uncork());
    }
    this.#socket.write(`*${parts.length}\r\n`);
    for (const part of parts) {
      this.#socket.write(`$${Buffer.byteLength(part)}\r\n`);
      this.#socket.write(part);
      this.#socket.write('\r\n');
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push((reply) => (reply instanceof Error ? reject(reply) : resolve(reply)));
      if (this.#waiting.length === 1) this.#head = 0;
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#at = 0;
    let parsed = 0;
    for (let reply = this.#parse(); reply !== undefined; reply = this.#parse()) {
      parsed = this.#at;
      this.#waiting[this.#head++]?.(reply);
    }
    this.#rest = this.#rest.subarray(parsed);
  }

  /** The next reply, or undefined where it has not arrived in full. */
  #parse(): Reply | undefined {
    const end = this.#rest.indexOf('\r\n', this.#at);
    if (end < 0) return undefined;
    const kind = String.fromCharCode(this.#rest[this.#at] ?? 0);
    const line = this.#rest.toString('latin1', this.#at + 1, end);
    this.#at = end + 2;
    if (kind === '+') return line;
    if (kind === '-') return new Error(line);
    if (kind === ':') return Number(line);
    const size = Number(line);
    if (size < 0) return null;
    return kind === '$' ? this.#bulk(size) : this.#array(size);
  }

  #bulk(size: number): Buffer | undefined {
    if (this.#at + size + 2 > this.#rest.length) return undefined;
    const bytes = this.#rest.subarray(this.#at, this.#at + size);
    this.#at += size + 2;
    return bytes;
  }

  #array(size: number): Reply[] | undefined {
    const items: Reply[] = [];
    for (let index = 0; index < size; index++) {
      const item = this.#parse();
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }
}
