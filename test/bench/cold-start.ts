import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { listOrders } from '../../contracts/execution/api.ts';
import { getProfile } from '../../contracts/identity/api.ts';
import { toAttributes } from '../../contracts/kit/envelope.ts';
import { getInstruments } from '../../contracts/market/api.ts';
import { barClosed } from '../../contracts/market/events.ts';
import { listPositions } from '../../contracts/portfolio/api.ts';
import { getPolicy } from '../../contracts/risk/api.ts';
import { BUNDLES } from '../../emulators/cloud/bundles.ts';
import type { Cloud } from '../../emulators/cloud/cloud.ts';
import { hostedFunctions, serviceVariables } from '../../emulators/cloud/environment.ts';
import { hostIsolated } from '../../emulators/host/isolated.ts';
import type { HostedFunction } from '../../emulators/host/options.ts';
import { openDesk } from '../journeys/support/desk.ts';
import { withCloud } from './bench-cloud.ts';
import { type Figure, type Measurement, spreadOf } from './measurement.ts';

const ROUNDS = 7;
const IDLE_SECONDS = 60;

interface FirstRequest {
  functionName: string;
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** One bundled function each in a process of its own, from nothing to its first answer. */
export const coldStart: Measurement = {
  name: 'cold-start',
  measure: (say) =>
    withCloud({ isolate: true }, async ({ cloud, ...access }) => {
      const desk = await openDesk({ ...access, ...{ cloud } });
      const requests = firstRequests(desk.accessToken);
      const medians: number[] = [];
      for (const request of requests) {
        const hosted = hostedAs(cloud, request.functionName);
        // The first start fills the compile cache, as an earlier request would have.
        await firstAnswer(hosted, request);
        const times: number[] = [];
        for (let round = 0; round < ROUNDS; round++) times.push(await firstAnswer(hosted, request));
        const { median, least, most } = spreadOf(times);
        say(`${request.functionName}: ${median.toFixed(0)} ms (${least.toFixed(0)} to ${most.toFixed(0)})`);
        medians.push(median);
      }
      return [coldStartFigure(medians, requests), await bundleFigure()];
    }),
};

function coldStartFigure(medians: number[], requests: readonly FirstRequest[]): Figure {
  return {
    name: 'cold start of a bundle, p50',
    unit: 'ms',
    spread: spreadOf(medians),
    target: { atMost: 400 },
    key: 'coldStartP50Ms',
    measured: `spawn to the first answer, its database transaction included, behind functions-framework under --isolate with a warm compile cache; p50 of ${ROUNDS} starts each of ${requests.map(({ functionName }) => functionName).join(', ')}`,
  };
}

async function bundleFigure(): Promise<Figure> {
  const records: Record<string, { archiveBytes: number }> = JSON.parse(
    await readFile(join(BUNDLES, 'manifest.json'), 'utf8'),
  );
  const megabytes = Object.values(records).map(({ archiveBytes }) => archiveBytes / 1e6);
  const { most } = spreadOf(megabytes);
  return {
    name: 'largest bundle, zipped',
    unit: 'MB',
    spread: spreadOf([most]),
    target: { atMost: 3 },
    key: 'largestBundleMb',
    measured: `of the ${megabytes.length} archives that npm run build makes`,
  };
}

function hostedAs({ plan, options, secrets }: Cloud, name: string): HostedFunction {
  const hosted = hostedFunctions(plan, options, serviceVariables(plan, options, secrets));
  const found = hosted.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no function ${name}`);
  return found;
}

/** Milliseconds from the request that starts the process to the end of its answer. */
async function firstAnswer(hosted: HostedFunction, { method, path, headers, body }: FirstRequest): Promise<number> {
  const { serve, stop } = hostIsolated(hosted, IDLE_SECONDS);
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const startedAt = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const said = await answer.text();
    const milliseconds = performance.now() - startedAt;
    if (!answer.ok) throw new Error(`${hosted.name} answered ${answer.status}: ${said}`);
    return milliseconds;
  } finally {
    stop();
    server.closeAllConnections();
    server.close();
  }
}

function firstRequests(accessToken: string): FirstRequest[] {
  // The gateway hands the token's claims on as they stand in it.
  const user = { 'x-apigateway-api-userinfo': accessToken.split('.')[1] ?? '' };
  const get = (functionName: string, { path }: { path: string }): FirstRequest => ({
    functionName,
    method: 'GET',
    path,
    headers: user,
  });
  return [
    get('portfolio-list-positions', listPositions),
    get('market-get-instruments', getInstruments),
    get('risk-get-policy', getPolicy),
    get('execution-list-orders', listOrders),
    get('identity-get-profile', getProfile),
    pushOfBar('ai-on-bar-closed'),
    pushOfBar('risk-on-bar-closed'),
  ];
}

/** A push of a bar that was processed before: what a redelivery brings. */
function pushOfBar(functionName: string): FirstRequest {
  const at = '2026-01-05T00:01:00.000Z';
  const bar = {
    instrument: 'COLD-START',
    sequence: 1,
    intervalSeconds: 60,
    openedAt: '2026-01-05T00:00:00.000Z',
    closedAt: at,
    open: '100',
    high: '100',
    low: '100',
    close: '100',
    volume: '0',
    ticks: 1,
    priceSequence: 1,
  };
  const attributes = toAttributes({
    id: crypto.randomUUID(),
    type: barClosed.type,
    source: '/bench',
    time: at,
    tenant: undefined,
    sequence: undefined,
    causation: undefined,
    traceparent: undefined,
  });
  const message = { data: Buffer.from(JSON.stringify(bar)).toString('base64'), attributes, messageId: '1' };
  const headers = { 'content-type': 'application/json' };
  return { functionName, method: 'POST', path: '/', headers, body: JSON.stringify({ message }) };
}
