import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A new order on its way to the exchange, held by the proxy. */
export interface HeldOrder {
  clientOrderId: string;
  instrument: string;
  /** Passes the order on; resolves when the exchange has answered. The answer is held. */
  forward(): Promise<void>;
  /** Passes the answer back to whoever sent the order. */
  answer(): void;
}

/** Stands between the functions and the exchange. */
export interface VenueProxy {
  url: string;
  /** Until it is called off, new orders are held. Everything else always passes. */
  hold(): { orders: HeldOrder[]; callOff(): void };
  /** New orders that passed, by client id. */
  passed: Map<string, number>;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  body: Buffer;
}

export async function startVenueProxy(venuePort: number): Promise<VenueProxy> {
  let held: HeldOrder[] | undefined;
  const passed = new Map<string, number>();

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const isOrder = request.method === 'POST' && request.url === '/v1/orders';
    const { clientOrderId = '', instrument = '' } = isOrder ? JSON.parse(body.toString()) : {};
    const pass = async (): Promise<Answer> => {
      if (isOrder) passed.set(clientOrderId, (passed.get(clientOrderId) ?? 0) + 1);
      return send(venuePort, request, body);
    };
    const reply = ({ status, body: text }: Answer) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    if (!isOrder || held === undefined) {
      reply(await pass());
      return;
    }
    let answered: Answer | undefined;
    held.push({
      clientOrderId,
      instrument,
      async forward() {
        answered = await pass();
      },
      answer() {
        if (answered !== undefined) reply(answered);
      },
    });
  }

  const server = createServer((request, response) => {
    // An exchange that died in the middle of an answer looks the same to whoever asked.
    take(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    hold() {
      const orders: HeldOrder[] = [];
      held = orders;
      return {
        orders,
        callOff() {
          held = undefined;
        },
      };
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function send(port: number, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onward = forward({ port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
      bodyOf(answer).then((text) => resolve({ status: answer.statusCode ?? 502, body: text }), reject);
    });
    onward.once('error', reject);
    onward.end(body);
  });
}
