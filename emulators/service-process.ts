import { moveClock } from './clock.ts';
import { addFault, clearFaults, listFaults } from './faults/faults.ts';

/**
 * The process side of a local-cloud service: options in, readiness and requests over IPC.
 * A service ends with its parent: whoever kills the supervisor with -9 leaves no orphan that holds a port.
 */

export interface Service {
  port: number;
  close(): Promise<void>;
  /** What the supervisor may ask of the service over IPC, by name. */
  methods?: Record<string, (params: unknown) => unknown>;
}

/** What every service may be asked besides: tests make it fail, and move its clock. */
const STEERING: NonNullable<Service['methods']> = {
  addFault,
  listFaults,
  clearFaults,
  moveClock: (aheadMs) => moveClock(Number(aheadMs)),
};

interface ServiceRequest {
  id: number;
  method: string;
  params?: unknown;
}

/**
 * Starts a service and reports `{ ready: true, port }` to the parent. Its options are the JSON in `process.argv[2]` or, without one,
 * the parent's first message: a system takes no argument above 128 KB, and shows arguments, passwords among them, to everybody.
 * A start that fails is one line on stderr and exit code 1.
 */
export async function serveProcess(start: (options: unknown) => Promise<Service>): Promise<void> {
  let service: Service;
  try {
    service = await start(await readOptions(process.argv[2]));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
  const stop = () => {
    service.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`did not stop cleanly: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  // Ctrl-C reaches the whole process group; the supervisor decides the order in which services stop.
  process.on('SIGINT', () => undefined);
  if (process.send === undefined) return;
  process.once('disconnect', stop);
  process.on('message', (message: ServiceRequest) => void answer(service, message));
  process.send({ ready: true, port: service.port });
}

function readOptions(argument: string | undefined): Promise<unknown> | unknown {
  if (argument !== undefined) return JSON.parse(argument);
  return process.send === undefined ? {} : new Promise((resolve) => process.once('message', resolve));
}

async function answer(service: Service, { id, method, params }: ServiceRequest): Promise<void> {
  try {
    const handle = STEERING[method] ?? service.methods?.[method];
    if (handle === undefined) throw new Error(`no such method: ${method}`);
    process.send?.({ id, result: await handle(params) });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) });
  }
}
