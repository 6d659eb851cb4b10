import { connect, type Socket } from 'node:net';
import { TransientFailure } from '#core/problem.ts';
import { Finding } from './finding.ts';

export interface ClamdAddress {
  host: string;
  port: number;
}

const DEFAULT_PORT = 3310;
/** A chunk's length goes before it in four bytes; clamd takes them up to its StreamMaxLength. */
const CHUNK_BYTES = 1024 ** 2;
const ANSWER_WITHIN_MS = 120_000;
const LONGEST_ANSWER = 4_096;

/** `host` or `host:port`, as CLAMD_HOST has it; where there is none it is empty, and undefined here. */
export function readClamdAddress(text: string): ClamdAddress | undefined {
  if (text === '') return undefined;
  const [, host, port] = /^([^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined) throw new TypeError(`CLAMD_HOST is a host, or a host and a port, not "${text}"`);
  return { host, port: port === undefined ? DEFAULT_PORT : Number(port) };
}

/** One file on its way through clamd. */
export interface ClamdSession {
  send(chunk: Buffer): Promise<void>;
  /** Ends the file. Throws a Finding where clamd found something, or would not take so long a file. */
  verdict(): Promise<void>;
  close(): void;
}

/**
 * Begins an INSTREAM session with clamd over TCP, as clamd(8) has it: the command, chunks with their lengths before them, an empty
 * chunk, one line back. Throws a TransientFailure wherever clamd is away, slow or says what is no verdict: no file is released unscanned.
 */
export async function openClamd({ host, port }: ClamdAddress): Promise<ClamdSession> {
  const socket = connect({ host, port });
  socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy(new Error('it did not answer in time')));
  const answer = answerOf(socket);
  // It comes out of the answer; what breaks after that no longer matters.
  socket.on('error', () => socket.destroy());
  // Looked at when the file is over, or when sending fails.
  answer.catch(() => undefined);
  await connected(socket, answer);
  socket.write('zINSTREAM\0');
  return {
    async send(chunk) {
      for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
        const piece = chunk.subarray(at, at + CHUNK_BYTES);
        socket.write(lengthOf(piece.length));
        if (!socket.write(piece)) await drained(socket);
      }
    },
    async verdict() {
      socket.write(lengthOf(0));
      judge(await answer);
    },
    close: () => socket.destroy(),
  };
}

function judge(answer: string): void {
  if (answer === 'stream: OK') return;
  const found = /^stream: (.+) FOUND$/.exec(answer)?.[1];
  if (found !== undefined) throw new Finding('malware', `The virus scanner found ${found}.`);
  if (answer.startsWith('INSTREAM size limit exceeded'))
    throw new Finding('too-large-to-scan', 'The file is larger than the virus scanner takes.');
  throw new TransientFailure(`clamd answered "${answer}"`);
}

/** The line that clamd sends, without its end. Rejects where the connection breaks before. */
async function answerOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of socket) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > LONGEST_ANSWER) break;
      if (chunk.includes(0)) break;
    }
  } catch (error) {
    throw new TransientFailure('clamd cannot be reached', { cause: error });
  }
  const text = Buffer.concat(chunks).toString('utf8').replace(/\0.*$/s, '').trim();
  if (text === '') throw new TransientFailure('clamd went away without an answer');
  return text;
}

async function connected(socket: Socket, answer: Promise<string>): Promise<void> {
  const connecting = new Promise<void>((resolve) => {
    socket.once('connect', () => resolve());
  });
  await Promise.race([connecting, answer]);
}

/** A clamd that has said all it will takes no more: what it said counts, and it is looked at in the end. */
async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}
