import { Agent, request as httpRequest } from 'node:http';
import * as z from 'zod';
import { decimal } from '#contracts/kit/decimal.ts';
import { TransientFailure } from '#core/problem.ts';
import type { BarReport, Venue, VenueOrderState } from './port.ts';

const ANSWER_DEADLINE_MS = 5_000;

/** Every bar of every instrument goes through here: connections stay open. */
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

const order = z.object({
  order: z
    .object({
      status: z.enum(['WORKING', 'FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED']),
      filledQuantity: decimal,
      rejectReason: z.string().optional(),
    })
    .transform(
      ({ status, filledQuantity, rejectReason }): VenueOrderState => ({
        status,
        filled: filledQuantity,
        rejection: rejectReason,
      }),
    ),
});

const report = z.object({
  executions: z.array(
    z.object({
      executionId: z.string(),
      account: z.string(),
      clientOrderId: z.string(),
      quantity: decimal,
      price: decimal,
      fee: decimal,
      feeCurrency: z.string(),
    }),
  ),
  expired: z.array(z.object({ account: z.string(), clientOrderId: z.string() })),
});

const NOTHING: BarReport = { executions: [], expired: [] };

interface Answer {
  status: number;
  body: unknown;
}

/** The paper exchange over HTTP (emulators/venue). `traceparent` follows a request into its log. */
export function paperVenue(baseUrl: string, traceparent?: string): Venue {
  const send = (method: string, path: string, body?: unknown) =>
    exchange(new URL(path, baseUrl), method, body, traceparent);
  const orderPath = (account: string, clientOrderId: string) =>
    `/v1/orders/${encodeURIComponent(account)}/${encodeURIComponent(clientOrderId)}`;

  return {
    name: 'paper',
    async submit(body) {
      return order.parse(expectOk(await send('POST', '/v1/orders', body))).order;
    },
    async ask(account, clientOrderId) {
      const answer = await send('GET', orderPath(account, clientOrderId));
      return answer.status === 404 ? undefined : order.parse(expectOk(answer)).order;
    },
    async cancel(account, clientOrderId) {
      const answer = await send('POST', `${orderPath(account, clientOrderId)}/cancel`);
      return answer.status === 404 ? undefined : order.parse(expectOk(answer)).order;
    },
    simulation: {
      async configure({ instrument, feePerLot, ...terms }) {
        const body = { ...terms, fees: { perLot: feePerLot } };
        expectOk(await send('PUT', `/v1/instruments/${encodeURIComponent(instrument)}`, body));
      },
      async advance(bar) {
        const answer = await send('POST', '/v1/bars', bar);
        // It trades nothing in an instrument that it was never told of.
        return answer.status === 404 ? NOTHING : report.parse(expectOk(answer));
      },
    },
  };
}

function expectOk({ status, body }: Answer): unknown {
  if (status >= 500) throw new TransientFailure(`the paper exchange answered ${status}`);
  if (status >= 300) throw new Error(`the paper exchange answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

function exchange(url: URL, method: string, body: unknown, traceparent: string | undefined): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers: Record<string, string | number> = {
    ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(new TransientFailure(`the paper exchange did not answer ${method} ${url.pathname}`, { cause: error }));
    const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
    const request = httpRequest(url, { agent, method, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        try {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
        } catch (error) {
          fail(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    request.on('error', fail);
    request.end(text);
  });
}
