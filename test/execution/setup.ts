import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventData } from '#contracts/kit/event.ts';
import { barClosed, instrumentListed } from '#contracts/market/events.ts';
import { exitRequested } from '#contracts/portfolio/events.ts';
import { signalApproved } from '#contracts/risk/events.ts';
import { startVenue } from '../../emulators/venue/server.ts';
import { type DeliverOptions, type Harness, startHarness } from '../support/harness.ts';
import { dailyBar, pointAt, wtiTerms } from '../support/market-data.ts';

/** The paper exchange behind a line that can be cut. */
export interface VenueLine {
  url: string;
  /** What happens to each request from now on: `drop-answer` lets it arrive and loses what the exchange says. */
  line: 'up' | 'down' | 'drop-answer';
  /** Waits for this before a submission goes through: for catching an order on its way. */
  gate: Promise<void>;
  /** Client ids of submissions that arrived, with repetitions. */
  submissions: string[];
  orders(account: string): Promise<{ clientOrderId: string; status: string; quantity: string }[]>;
  close(): Promise<void>;
}

export interface Setting {
  harness: Harness;
  venue: VenueLine;
}

export const EXECUTION = [
  'execution-on-signal-approved',
  'execution-on-exit-requested',
  'execution-on-venue-reported',
  'execution-on-cancel-requested',
];

export async function startSetting(): Promise<Setting> {
  const venue = await startVenueLine();
  const harness = await startHarness({ variables: { VENUE_URL: venue.url } });
  await listOn(harness, 'WTI');
  return { harness, venue };
}

export async function stopSetting({ harness, venue }: Setting): Promise<void> {
  await harness.close();
  await venue.close();
}

async function startVenueLine(): Promise<VenueLine> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-venue-'));
  const exchange = await startVenue({ port: 0, directory });
  const base = `http://127.0.0.1:${exchange.port}`;
  const state: VenueLine = {
    url: '',
    line: 'up',
    gate: Promise.resolve(),
    submissions: [],
    async orders(account) {
      const answer = await fetch(`${base}/v1/orders?account=${account}`);
      return ((await answer.json()) as { orders: { clientOrderId: string; status: string; quantity: string }[] })
        .orders;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await exchange.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  const server = createServer((request, response) => void forward(state, base, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  state.url = `http://127.0.0.1:${address.port}`;
  return state;
}

async function forward(state: VenueLine, base: string, request: IncomingMessage, response: ServerResponse) {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const isSubmission = request.method === 'POST' && request.url === '/v1/orders';
  if (isSubmission) await state.gate;
  if (state.line === 'down') {
    response.destroy();
    return;
  }
  if (isSubmission) state.submissions.push(JSON.parse(body.toString('utf8')).clientOrderId);
  const answer = await fetch(`${base}${request.url}`, {
    method: request.method ?? 'GET',
    ...(body.length === 0 ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });
  const text = await answer.text();
  if (state.line === 'drop-answer') response.destroy();
  else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
}

export async function listOn(harness: Harness, instrument: string): Promise<void> {
  const status = await harness.deliver('execution-on-instrument-listed', instrumentListed, wtiTerms({ instrument }));
  if (status !== 204) throw new Error(`listing answered ${status}`);
}

export function closeBar(harness: Harness, sequence: number, close: string): Promise<number> {
  return harness.deliver('execution-on-bar-closed', barClosed, dailyBar(sequence, close));
}

type Approval = EventData<typeof signalApproved>;

/** A market buy of 3 lots. */
export function approvalOf(sequence: number, changes: Partial<Approval> = {}): Approval {
  return {
    signalId: crypto.randomUUID(),
    mandateId: crypto.randomUUID(),
    strategy: 'ensemble',
    instrument: 'WTI',
    book: 'energy-paper',
    purpose: 'STRATEGY',
    side: 'BUY',
    decidedAt: pointAt(sequence),
    policyVersion: 1,
    modelVersion: 'test-1',
    approvalId: crypto.randomUUID(),
    quantity: '3',
    orderType: 'MARKET',
    price: '20',
    volatility: 0.5,
    haltEpoch: 0,
    ...changes,
  };
}

export function approve(harness: Harness, data: Approval, options: DeliverOptions & { tenant: string }) {
  return harness.deliver('execution-on-signal-approved', signalApproved, data, options);
}

type ExitData = EventData<typeof exitRequested>;

/** A market sale of 3 lots. */
export function exitOf(sequence: number, changes: Partial<ExitData> = {}): ExitData {
  return {
    positionId: crypto.randomUUID(),
    instrument: 'WTI',
    book: 'energy-paper',
    purpose: 'STRATEGY',
    exitId: crypto.randomUUID(),
    side: 'SELL',
    quantity: '3',
    reason: 'stop-loss',
    triggerPrice: '19',
    volatility: 0.5,
    decidedAt: pointAt(sequence),
    ...changes,
  };
}

export function requestExit(harness: Harness, data: ExitData, tenant: string) {
  return harness.deliver('execution-on-exit-requested', exitRequested, data, { tenant });
}
