import { createServer } from 'node:http';
import type { Child } from '../cloud/child.ts';
import type { FaultyService } from '../faults/rule.ts';
import { steer } from '../faults/steering.ts';
import { takenPortMessage } from '../ports.ts';

/** Serves `/faults` and `/clock` for these services on 127.0.0.1. Rejects with one line where the port is taken. */
export async function openControl(
  port: number,
  children: ReadonlyMap<FaultyService, Child>,
  clockFile: string,
): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const send = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
    steer(Object.fromEntries(children), clockFile, request).then(
      (answer) => send(answer?.status ?? 404, answer?.body ?? { error: 'there are /faults and /clock' }),
      (error: unknown) => send(500, { error: error instanceof Error ? error.message : String(error) }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new Error(takenPortMessage(port, 'control-port')) : error),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
