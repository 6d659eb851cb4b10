import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Server } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import type * as z from 'zod';
import { withFaults } from '../faults/grpc.ts';
import { openFrontDoor, requireFreePort } from '../rest/front-door.ts';
import { type HttpRule, routesOf } from '../rest/http-rules.ts';
import { iamHandlers } from '../rpc/iam-policies.ts';
import { unaryService } from '../rpc/unary-service.ts';
import { Catalogue } from './catalogue.ts';
import { executionCalls, taskCalls } from './execution-calls.ts';
import { Executor } from './executor.ts';
import { jobCalls } from './job-calls.ts';
import { checkName, notFound } from './names.ts';
import { operationCalls } from './operation-calls.ts';
import { Operations } from './operations.ts';
import { runOptions } from './options.ts';

const PACKAGE = 'google.cloud.run.v2';
const OPERATIONS = 'google.longrunning.Operations';
const root = protobuf.Root.fromJSON(
  createRequire(import.meta.url)('@google-cloud/run/build/protos/protos.json') as protobuf.INamespace,
);

/** Cloud Run states these in its service configuration. */
const operationRules: Record<string, HttpRule[]> = {
  [`${OPERATIONS}.GetOperation`]: [{ get: '/v2/{name=projects/*/locations/*/operations/*}' }],
  [`${OPERATIONS}.ListOperations`]: [{ get: '/v2/{name=projects/*/locations/*}/operations' }],
  [`${OPERATIONS}.DeleteOperation`]: [{ delete: '/v2/{name=projects/*/locations/*/operations/*}' }],
  [`${OPERATIONS}.WaitOperation`]: [{ post: '/v2/{name=projects/*/locations/*/operations/*}:wait', body: '*' }],
};

interface Run {
  port: number;
  /** Also ends the tasks that run; the next start on the same `dataDir` tries them again. */
  close(): Promise<void>;
  methods: {
    /** Executions that are not over. */
    running(): number;
  };
}

/**
 * Starts the local Cloud Run on 127.0.0.1: the jobs of google.cloud.run.v2 over gRPC and REST on one port. A task is a
 * child process. Rejects where the port is taken or a file under `dataDir` is damaged.
 */
export async function startRun(given: z.input<typeof runOptions>): Promise<Run> {
  const options = runOptions.parse(given);
  await requireFreePort(options.port, 'run-port');
  const catalogue = new Catalogue({ directory: join(options.dataDir, 'state'), fsync: options.fsync, warn });
  const operations = new Operations(catalogue, root);
  const executor = new Executor(catalogue, operations, options);
  const parts = { catalogue, operations, executor, options };
  const grpc = new Server();
  for (const [name, handlers] of [
    [`${PACKAGE}.Jobs`, { ...jobCalls(parts), ...policies(catalogue) }],
    [`${PACKAGE}.Executions`, executionCalls(parts)],
    [`${PACKAGE}.Tasks`, taskCalls(parts)],
    [OPERATIONS, operationCalls(parts)],
  ] as const)
    grpc.addService(
      ...withFaults(
        'run',
        unaryService(root, name, handlers, () => catalogue.settled()),
      ),
    );
  const services = [`${PACKAGE}.Jobs`, `${PACKAGE}.Executions`, `${PACKAGE}.Tasks`, OPERATIONS];
  const door = await openFrontDoor({ port: options.port, grpc, routes: routesOf(root, services, operationRules) });
  executor.resume();
  return {
    port: door.port,
    methods: {
      running: () => catalogue.all('execution').filter(({ completionTime }) => completionTime === undefined).length,
    },
    close: async () => {
      await executor.close();
      operations.close();
      await door.close();
      await catalogue.close();
    },
  };
}

function policies(catalogue: Catalogue) {
  return iamHandlers({
    has: (resource) => catalogue.find('job', checkName(resource, 'job')) !== undefined,
    missing: notFound,
    get: (resource) => catalogue.find('policy', resource),
    set: (resource, policy) => catalogue.put('policy', resource, policy),
  });
}

function warn(message: string, details: Record<string, unknown>): void {
  process.stderr.write(`${JSON.stringify({ severity: 'WARNING', service: 'run', message, ...details })}\n`);
}
