import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import * as z from 'zod';
import { withFaults } from '../faults/grpc.ts';
import { iamGuard, openGuard } from './access.ts';
import { batchWrite, beginTransaction, commit, rollback } from './commit-calls.ts';
import { compositeIndex } from './composite-index.ts';
import { batchGetDocuments, createDocument, deleteDocument, getDocument, updateDocument } from './document-calls.ts';
import { Engine } from './engine.ts';
import { Expiry } from './expiry.ts';
import { listCollectionIds, listDocuments } from './list-calls.ts';
import { partitionQuery } from './partition-calls.ts';
import type { google } from './proto.ts';
import { runAggregationCall, runQueryCall } from './query-calls.ts';
import type { ConsistencySelector } from './read-view.ts';
import { firestoreService, type Guard, type Need, serverStream, unary } from './rpc.ts';
import { unimplemented } from './status.ts';
import { Watch } from './watch.ts';

type V1 = typeof google.firestore.v1;

/** Above what is allowed, so that what is not gets the real refusal; grpc-js takes 4 MB by default. */
const MAX_MESSAGE_BYTES = 32 << 20;

export const firestoreOptions = z.strictObject({
  /** 0: one the system picks. */
  port: z.int().min(0).max(65535),
  dataDir: z.string().min(1),
  /** Whether a commit is answered only when it is safe from a power cut; without, from a kill of the process. */
  fsync: z.boolean().default(false),
  /** A log this long, and longer than the last snapshot, is replaced by a new snapshot. */
  compactBytes: z.int().min(1).optional(),
  /** Composite indexes, as firestore.indexes.json has them; a single field here is one that a collection group may use. */
  indexes: z.array(compositeIndex).default([]),
  /** Whether a query fails that the real service would need another index for. */
  strictIndexes: z.boolean().default(false),
  concurrencyMode: z.enum(['PESSIMISTIC', 'OPTIMISTIC']).default('PESSIMISTIC'),
  /** Fields that say when the documents of a collection group expire. */
  ttl: z.array(z.strictObject({ collectionGroup: z.string().min(1), field: z.string().min(1) })).default([]),
  /** Who may do what. Without it, everybody everything. */
  iam: z.strictObject({ jwksUrl: z.url(), writers: z.array(z.string()), readers: z.array(z.string()) }).optional(),
});

export type FirestoreOptions = z.input<typeof firestoreOptions>;

export interface FirestoreServer {
  port: number;
  close(): Promise<void>;
  methods: {
    stats(): { documents: number; listeners: number };
    /** Deletes now what has expired; answers how many documents that were. */
    expire(): Promise<number>;
  };
}

/**
 * Starts the local Firestore: google.firestore.v1 over gRPC, on this machine only, for any project and database.
 * Rejects when the port is taken or a file under `dataDir` is damaged.
 */
export async function startFirestore(options: FirestoreOptions): Promise<FirestoreServer> {
  const { port, iam, indexes, ttl, ...engineOptions } = firestoreOptions.parse(options);
  await checkPort(port);
  const engine = new Engine({ ...engineOptions, composites: indexes });
  const expiry = new Expiry(engine, ttl);
  const guard = iam === undefined ? openGuard : iamGuard(iam);
  const watch = new Watch(engine, guard);
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': -1,
  });
  server.addService(...withFaults('firestore', [firestoreService, handlers(engine, watch, guard)]));
  const bound = await promisify(server.bindAsync.bind(server))(`127.0.0.1:${port}`, ServerCredentials.createInsecure());
  return {
    port: bound,
    async close() {
      expiry.close();
      server.forceShutdown();
      await engine.close();
    },
    methods: {
      stats: () => ({ documents: engine.store.live, listeners: watch.listeners }),
      expire: () => expiry.sweep(),
    },
  };
}

function handlers(engine: Engine, watch: Watch, guard: Guard): UntypedServiceImplementation {
  const on = <Request>(need: Need, handle: (engine: Engine, request: Request) => Promise<object> | object) =>
    unary<Request>(
      guard,
      () => need,
      (request) => handle(engine, request),
    );
  return {
    GetDocument: on('read', getDocument),
    ListDocuments: on('read', listDocuments),
    ListCollectionIds: on('read', listCollectionIds),
    CreateDocument: on('write', createDocument),
    UpdateDocument: on('write', updateDocument),
    DeleteDocument: on('write', deleteDocument),
    PartitionQuery: on('read', partitionQuery),
    Commit: on('write', commit),
    BatchWrite: on('write', batchWrite),
    Rollback: on('read', rollback),
    BeginTransaction: unary<InstanceType<V1['BeginTransactionRequest']>>(guard, beginNeed, (request) =>
      beginTransaction(engine, request),
    ),
    BatchGetDocuments: serverStream<InstanceType<V1['BatchGetDocumentsRequest']>>(guard, readNeed, (request, call) =>
      batchGetDocuments(engine, request, call),
    ),
    RunQuery: serverStream<InstanceType<V1['RunQueryRequest']>>(guard, readNeed, (request, call) =>
      runQueryCall(engine, request, call),
    ),
    RunAggregationQuery: serverStream<InstanceType<V1['RunAggregationQueryRequest']>>(
      guard,
      readNeed,
      (request, call) => runAggregationCall(engine, request, call),
    ),
    ExecutePipeline: serverStream<object>(
      guard,
      () => 'read',
      () => Promise.reject(unimplemented('pipelines')),
    ),
    Listen: watch.serve.bind(watch),
  };
}

/** A read that begins a writing transaction takes locks from writers, so only they may. */
function readNeed({ newTransaction }: ConsistencySelector): Need {
  return newTransaction?.readWrite != null ? 'write' : 'read';
}

function beginNeed({ options }: InstanceType<V1['BeginTransactionRequest']>): Need {
  return options?.readOnly == null ? 'write' : 'read';
}

/** grpc-js answers a taken port with two lines of its own on stderr, so it is tried first. */
async function checkPort(port: number): Promise<void> {
  if (port === 0) return;
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const taken = `port ${port} is taken: stop what uses it or pass --firestore-port`;
      reject(error.code === 'EADDRINUSE' ? new Error(taken) : error);
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}
