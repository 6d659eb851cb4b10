import { connect } from 'node:http2';
import { codec } from '../../emulators/firestore/proto.ts';
import type { FirestoreLoad } from './firestore.ts';
import { serveLoad } from './load-worker.ts';

/** Documents that reads are spread over. */
const DOCUMENTS = 1_000;

const load: FirestoreLoad = JSON.parse(process.argv[2] ?? '{}');
const database = 'projects/bench/databases/(default)';
// Without a gRPC client, and encoded once: what is measured is the server.
const session = connect(`http://127.0.0.1:${load.port}`);
const headers = {
  ':method': 'POST',
  ':path': `/google.firestore.v1.Firestore/${load.kind === 'write' ? 'Commit' : 'BatchGetDocuments'}`,
  'content-type': 'application/grpc',
  te: 'trailers',
};
const requests = Array.from({ length: DOCUMENTS }, (_, n) => (load.kind === 'write' ? writeOf(n) : readOf(n)));
let answered = 0;
let isEnded = false;

function nameOf(n: number): string {
  return `${database}/documents/load/${load.worker}-${n}`;
}

function writeOf(n: number): Buffer {
  const fields = {
    instrument: { stringValue: `instrument-${n % 50}` },
    price: { doubleValue: n / 7 },
    quantity: { integerValue: n },
    note: { stringValue: 'x'.repeat(100) },
  };
  const writes = [{ update: { name: nameOf(n), fields }, updateMask: null }];
  return framed(codec('CommitRequest').encode({ database, writes }).finish());
}

function readOf(n: number): Buffer {
  return framed(
    codec('BatchGetDocumentsRequest')
      .encode({ database, documents: [nameOf(n)] })
      .finish(),
  );
}

/** As a gRPC message: not compressed, and how long. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function call(n: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: false });
    stream.on('trailers', (trailers) => {
      if (trailers['grpc-status'] !== '0') reject(new Error(`${load.kind}: ${trailers['grpc-message']}`));
    });
    stream.on('error', reject);
    stream.on('end', resolve);
    stream.resume();
    stream.end(requests[n % DOCUMENTS]);
  });
}

async function repeat(first: number): Promise<void> {
  for (let n = first; !isEnded; n += load.concurrency) {
    await call(n);
    answered++;
  }
}

const workers = Array.from({ length: load.concurrency }, (_, first) => repeat(first));
serveLoad({
  report: () => ({ count: answered }),
  stop: async () => {
    isEnded = true;
    await Promise.all(workers);
  },
});
