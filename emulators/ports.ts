import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** The one line a taken port is answered with. `option` is the flag of `npm start` that sets it. */
export function takenPortMessage(port: number, option: string): string {
  return `port ${port} is taken: stop what uses it, or choose another with --${option} PORT`;
}

/** Below what systems hand to outgoing connections, which would take a port between its choice and its use. */
const FIRST_PORT = 10_000;
const LAST_PORT = 32_000;

/** A port of this machine that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
