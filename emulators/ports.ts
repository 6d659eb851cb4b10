import { createServer } from 'node:net';

/** The one line a taken port is answered with. `option` is the flag of `npm start` that sets it. */
export function takenPortMessage(port: number, option: string): string {
  return `port ${port} is taken: stop what uses it, or choose another with --${option} PORT`;
}

/** A port of this machine that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}
