import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js';
import { grpcFailure } from '../rpc/status-error.ts';
import { acknowledge, checkDeadline, modifyDeadlines } from './acknowledge.ts';
import type { Authorization } from './authorization.ts';
import type { Broker } from './broker.ts';
import type { Delivery } from './delivery.ts';
import { codec } from './protos.ts';
import { checkPullable, endError } from './pull.ts';
import { encodeReceived } from './received-wire.ts';
import { type AckIds, readStreamingPull, type StreamingPullRequest } from './request-wire.ts';
import { definition, type Method } from './rpc.ts';
import { invalidArgument } from './status.ts';
import type { Puller, Subscription } from './subscription.ts';

const MIN_STREAM_DEADLINE_SECONDS = 10;
const MAX_STREAM_DEADLINE_SECONDS = 600;

/** A response is no larger than this, so that a burst on one stream does not hold up the others. */
const RESPONSE_MESSAGES = 500;
const RESPONSE_BYTES = 1_000_000;

type Stream = ServerDuplexStream<StreamingPullRequest, Buffer>;

/** Subscriber.StreamingPull. */
export function streamingPullMethod(broker: Broker, authorization: Authorization): Method {
  const handler: handleBidiStreamingCall<StreamingPullRequest, Buffer> = (stream) => {
    let puller: StreamPuller | undefined;
    const fail = (error: unknown) => {
      puller?.stop();
      stream.emit('error', grpcFailure(error));
    };
    const open = (request: StreamingPullRequest) => {
      puller = new StreamPuller(broker, stream, request);
      puller.start();
    };
    stream.on('data', (request: StreamingPullRequest) => {
      try {
        if (puller !== undefined) puller.receive(request);
        else {
          const permitted = authorization.mayAdminister(stream.metadata);
          if (permitted === undefined) open(request);
          else {
            stream.pause();
            permitted
              .then(() => open(request))
              .then(() => stream.resume())
              .catch(fail);
          }
        }
      } catch (error) {
        fail(error);
      }
    });
    stream.on('end', () => {
      puller?.stop();
      stream.end();
    });
    stream.on('cancelled', () => puller?.stop());
  };
  return {
    definition: definition(
      '/google.pubsub.v1.Subscriber/StreamingPull',
      true,
      readStreamingPull,
      (bytes: Buffer) => bytes,
    ),
    handler,
  };
}

interface StreamingPullResponse {
  acknowledgeConfirmation?: { ackIds: string[]; invalidAckIds: string[] };
  modifyAckDeadlineConfirmation?: { ackIds: string[]; invalidAckIds: string[] };
  subscriptionProperties?: { exactlyOnceDeliveryEnabled: boolean; messageOrderingEnabled: boolean };
}

const response = codec<StreamingPullResponse>('google.pubsub.v1.StreamingPullResponse');

/** One stream: its flow control, and whether the network keeps up with it. */
class StreamPuller implements Puller {
  #broker: Broker;
  #stream: Stream;
  #subscription: Subscription;
  #leaseMs = 0;
  #maxMessages: number;
  #maxBytes: number;
  #outMessages = 0;
  #outBytes = 0;
  /** The network has not taken what was written: more is left to other streams, and forms larger responses meanwhile. */
  #congested = false;
  #stopped = false;

  constructor(broker: Broker, stream: Stream, request: StreamingPullRequest) {
    this.#broker = broker;
    this.#stream = stream;
    this.#subscription = broker.subscription(request.subscription);
    checkPullable(this.#subscription);
    this.#setDeadline(request.streamAckDeadlineSeconds);
    // Zero and negative values mean no limit; a negative varint reads as a huge number.
    this.#maxMessages = request.maxOutstandingMessages || Number.POSITIVE_INFINITY;
    this.#maxBytes = request.maxOutstandingBytes || Number.POSITIVE_INFINITY;
  }

  get hungry(): boolean {
    return !this.#congested && this.#outMessages < this.#maxMessages && this.#outBytes < this.#maxBytes;
  }

  start(): void {
    this.#stream.on('drain', () => {
      this.#congested = false;
      this.#subscription.serve();
    });
    this.#sendProperties();
    this.#subscription.addPuller(this);
  }

  /** Acks, deadlines and keep-alives that follow the first request. */
  receive(request: StreamingPullRequest): void {
    if (request.subscription !== '') throw invalidArgument('The subscription can only be set in the first request.');
    const { ackIds, modifyAckIds, modifySeconds } = request;
    if (modifyAckIds.numbers.length !== modifySeconds.length * 2)
      throw invalidArgument('Each of modify_deadline_ack_ids needs its modify_deadline_seconds.');
    for (const seconds of modifySeconds) checkDeadline(seconds);
    if (request.streamAckDeadlineSeconds !== 0) this.#setDeadline(request.streamAckDeadlineSeconds);
    if (ackIds.numbers.length > 0) this.#acknowledge(ackIds);
    if (modifyAckIds.numbers.length > 0) this.#modifyDeadlines(modifyAckIds, modifySeconds);
    // The client takes the stream for dead when a keep-alive is not answered within 15 s.
    if (ackIds.numbers.length === 0 && modifyAckIds.numbers.length === 0) this.#sendProperties();
  }

  #acknowledge(ackIds: AckIds): void {
    acknowledge(this.#broker, this.#subscription, ackIds)?.then(
      ({ confirmed, invalid }) =>
        this.#send({ acknowledgeConfirmation: { ackIds: confirmed, invalidAckIds: invalid } }),
      (error: unknown) => this.#fail(error),
    );
  }

  #modifyDeadlines(ackIds: AckIds, seconds: readonly number[]): void {
    const outcome = modifyDeadlines(this.#broker, this.#subscription, ackIds, (index) => seconds[index] ?? 0);
    if (outcome === undefined) return;
    this.#send({ modifyAckDeadlineConfirmation: { ackIds: outcome.confirmed, invalidAckIds: outcome.invalid } });
  }

  serve(): void {
    const taken: Delivery[] = [];
    const appetite = {
      messages: Math.min(RESPONSE_MESSAGES, this.#maxMessages - this.#outMessages),
      bytes: Math.min(RESPONSE_BYTES, this.#maxBytes - this.#outBytes),
      onePerKey: false,
      leaseMs: this.#leaseMs,
    };
    this.#subscription.queue.take(this, appetite, taken);
    if (taken.length === 0) return;
    for (const { bytes } of taken) this.#outBytes += bytes;
    this.#outMessages += taken.length;
    const bytes = encodeReceived(this.#broker.store, taken, this.#subscription.tellsAttempts);
    if (!this.#stream.write(bytes)) this.#congested = true;
  }

  released(bytes: number): void {
    const wasFull = !this.hungry;
    this.#outMessages--;
    this.#outBytes -= bytes;
    if (wasFull && this.hungry) this.#broker.wake(this.#subscription);
  }

  end(reason: 'deleted' | 'detached' | 'changed'): void {
    this.#fail(endError(this.#subscription, reason));
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#stream.emit('error', grpcFailure(error));
  }

  /** The client has gone: what it holds comes back when its deadlines pass, as in the service. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#congested = true;
    this.#subscription.removePuller(this);
  }

  #setDeadline(seconds: number): void {
    if (seconds < MIN_STREAM_DEADLINE_SECONDS || seconds > MAX_STREAM_DEADLINE_SECONDS)
      throw invalidArgument(
        `Invalid stream_ack_deadline_seconds ${seconds}: it must be between ${MIN_STREAM_DEADLINE_SECONDS} and ${MAX_STREAM_DEADLINE_SECONDS}.`,
      );
    this.#leaseMs = seconds * 1000;
  }

  #sendProperties(): void {
    const { enableExactlyOnceDelivery, enableMessageOrdering } = this.#subscription.resource;
    this.#send({
      subscriptionProperties: {
        exactlyOnceDeliveryEnabled: enableExactlyOnceDelivery ?? false,
        messageOrderingEnabled: enableMessageOrdering ?? false,
      },
    });
  }

  #send(message: StreamingPullResponse): void {
    if (!this.#stopped) this.#stream.write(response.encode(message));
  }
}
