import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { type Local, local, PROJECT, secretOf, textOf } from '../secret-manager/support.ts';

/** Whether both kinds of clients are still served. */
async function serves(cloud: Local, secret: string): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${cloud.port}/v1/${secret}/versions/1:access`);
  return response.status === 200 && (await textOf(cloud, `${secret}/versions/1`)) === 'x';
}

function socketTo(t: ExecutionContext, port: number): Socket {
  const socket = connect(port, '127.0.0.1').on('error', () => socket.destroy());
  t.teardown(() => socket.destroy());
  return socket;
}

test('random bytes, cut requests and a preface without an end leave it serving', async (t) => {
  const cloud = await local(t);
  const secret = await secretOf(cloud, 'key', ['x']);
  const openings = [
    ...Array.from({ length: 20 }, () => randomBytes(200)),
    Buffer.from('P'),
    Buffer.from('PR'),
    Buffer.from('PRI * HTTP/2.0\r\n\r\n'),
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), randomBytes(500)]),
    Buffer.from('POST /v1/projects/p/secrets HTTP/1.1\r\ncontent-length: 1000\r\n\r\n{'),
    Buffer.from('GET / HTTP/1.1\r\n'),
  ];
  for (const [index, bytes] of openings.entries()) {
    const socket = socketTo(t, cloud.port);
    socket.write(bytes);
    // Some are cut, some hang around.
    if (index % 2 === 0) socket.end();
  }
  t.true(await serves(cloud, secret));
});

test('a thousand idle connections leave it serving', async (t) => {
  const cloud = await local(t);
  const secret = await secretOf(cloud, 'key', ['x']);
  const sockets = Array.from({ length: 1000 }, () => socketTo(t, cloud.port));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  t.true(await serves(cloud, secret));
});

test('one connection carries many REST requests', async (t) => {
  const cloud = await local(t);
  const secret = await secretOf(cloud, 'key', ['x']);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.teardown(() => agent.destroy());
  const ports = new Set<number | undefined>();
  for (let n = 0; n < 5; n++) {
    const sent = request({ agent, port: cloud.port, host: '127.0.0.1', path: `/v1/${secret}` }).end();
    const [response] = await once(sent, 'response');
    ports.add(sent.socket?.localPort);
    t.is(response.statusCode, 200);
    await once(response.resume(), 'end');
  }
  t.is(ports.size, 1);
});

test('a request whose body is too large is refused', async (t) => {
  const cloud = await local(t);
  const body = JSON.stringify({ labels: { a: 'x'.repeat(32_000_000) } });
  const url = `http://127.0.0.1:${cloud.port}/v1/${PROJECT}/secrets?secretId=key`;
  const response = await fetch(url, { method: 'POST', body });
  t.is(response.status, 400);
});

test('a taken port is refused in one line that says what to do', async (t) => {
  const { port } = await local(t);
  const { startSecretManager } = await import('../../../emulators/secret-manager/server.ts');
  await t.throwsAsync(startSecretManager({ port, dataDir: '/nowhere' }), {
    message: new RegExp(`^port ${port} is taken: .*--secret-manager-port`),
  });
});
