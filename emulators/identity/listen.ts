import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Binds a server to this machine only and answers the port it got (port 0: one the system picks).
 * Rejects with one line that names the flag to change when another process holds the port.
 */
export async function listenLocally(server: Server, port: number, flag: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' ? new Error(`port ${port} is taken: stop what uses it or pass ${flag}`) : error,
      );
    };
    server.once('error', refused);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', refused);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Stops accepting, lets requests under way finish, and drops connections that only wait. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
}
