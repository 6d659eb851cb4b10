import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import protobuf from 'protobufjs';
import { GrpcFrameReader, grpcFrame } from './grpc-frames.ts';
import { serveLoad } from './load-worker.ts';

/** What this process is told. */
export interface PubSubServerLoad {
  port: number;
  topic: string;
  subscription: string;
  /** Payload of a message. */
  bytes: number;
  messagesPerRequest: number;
  /** Published and not received yet, at most. */
  window: number;
  /** False: a subscriber that takes its first messages and acknowledges none. */
  acknowledges: boolean;
}

/*
 * As little work for each message as will do, so that the server is what is measured: HTTP/2 without a gRPC library,
 * one publish request that was encoded once, received messages skipped through for their ack ids.
 */

const WINDOW_BYTES = 16 * 1024 * 1024;
const ACK_ID_BYTES = 9;
const REQUESTS_IN_FLIGHT = 8;

const load: PubSubServerLoad = JSON.parse(process.argv[2] ?? '{}');
let started = 0;
let published = 0;
let received = 0;
let stopped = false;

const publishing = open();
const pulling = open();
const publishFrame = grpcFrame(publishRequest());
pull();
const onReceived = publish();
serveLoad({
  report: () => ({ count: received }),
  stop: async () => {
    stopped = true;
    while (published < started) await new Promise((resolve) => setTimeout(resolve, 10));
  },
});

function open(): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${load.port}`, { settings: { initialWindowSize: WINDOW_BYTES } });
  session.on('connect', () => session.setLocalWindowSize(WINDOW_BYTES));
  return session;
}

function call(session: ClientHttp2Session, path: string): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('trailers', (trailers) => {
    if (trailers['grpc-status'] !== '0') throw new Error(`${path} answered ${trailers['grpc-message']}`);
  });
  return stream;
}

function publishRequest(): Uint8Array {
  const writer = protobuf.Writer.create().uint32(10).string(load.topic);
  for (let n = 0; n < load.messagesPerRequest; n++)
    writer.uint32(18).fork().uint32(10).bytes(Buffer.alloc(load.bytes, 'x')).ldelim();
  return writer.finish();
}

/** Keeps requests in flight as the window permits; returns what is to be called when messages have arrived. */
function publish(): () => void {
  let inFlight = 0;
  const more = () => {
    const limit = load.acknowledges ? received : published;
    while (!stopped && inFlight < REQUESTS_IN_FLIGHT && started - limit < load.window) {
      inFlight++;
      started += load.messagesPerRequest;
      const stream = call(publishing, '/google.pubsub.v1.Publisher/Publish');
      stream.resume();
      stream.on('end', () => {
        inFlight--;
        published += load.messagesPerRequest;
        if (!load.acknowledges) received = published;
        more();
      });
      stream.end(publishFrame);
    }
  };
  more();
  return more;
}

function pull(): void {
  const stream = call(pulling, '/google.pubsub.v1.Subscriber/StreamingPull');
  const first = protobuf.Writer.create().uint32(10).string(load.subscription).uint32(40).int32(60);
  if (!load.acknowledges) first.uint32(56).int64(1000);
  stream.write(grpcFrame(first.finish()));
  const reader = new GrpcFrameReader((message) => {
    const acks = ackRequest(message);
    if (acks === undefined || !load.acknowledges) return;
    received += acks.length / (2 + ACK_ID_BYTES);
    stream.write(grpcFrame(acks));
    onReceived();
  });
  stream.on('data', (chunk: Buffer) => reader.push(chunk));
}

/** The `ack_ids` (field 2) for the messages in a StreamingPullResponse; undefined where it has none. */
function ackRequest(response: Buffer): Uint8Array | undefined {
  const acks = Buffer.allocUnsafe(Math.ceil(response.length / 2));
  let length = 0;
  let at = 0;
  while (at < response.length) {
    const tag = response[at++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = response[at++] as number;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (tag === 10) {
      // ReceivedMessage.ack_id comes first: its tag, its length, its characters.
      acks[length] = 18;
      acks[length + 1] = ACK_ID_BYTES;
      response.copy(acks, length + 2, at + 2, at + 2 + ACK_ID_BYTES);
      length += 2 + ACK_ID_BYTES;
    }
    at += size;
  }
  return length === 0 ? undefined : acks.subarray(0, length);
}
