import { join } from 'node:path';
import { openDesk } from '../journeys/support/desk.ts';
import { withCloud } from './bench-cloud.ts';
import { openBenchMarket } from './bench-market.ts';
import type { GatewayLoad } from './gateway-load.ts';
import { LoadProcess, pause, percentile } from './load.ts';
import { type Measurement, spreadOf } from './measurement.ts';

const PER_SECOND = 200;
const WARM_UP_MS = 5_000;
const ROUNDS = 5;
const SECONDS = 5;
/** Positions in the answer. */
const POSITIONS = 10;

/** A logged-in user's positions through the gateway. */
export const gateway: Measurement = {
  name: 'gateway',
  measure: (say) =>
    withCloud({}, async (cloud) => {
      const desk = await openDesk(cloud, 'Bench Desk');
      const market = await openBenchMarket(cloud, POSITIONS);
      for (const instrument of market.instruments) await market.signal(desk.tenant, instrument);
      await cloud.quiet();
      for (const instrument of market.instruments) await market.closeBar(instrument);
      await cloud.quiet();
      await market.close();

      const load: GatewayLoad = {
        port: cloud.ports.gateway,
        path: '/v1/positions',
        accessToken: desk.accessToken,
        perSecond: PER_SECOND,
      };
      const { process: asking } = await LoadProcess.start(join(import.meta.dirname, 'gateway-load.ts'), load);
      try {
        await pause(WARM_UP_MS);
        await asking.ask('report');
        const rounds: number[] = [];
        for (let round = 1; round <= ROUNDS; round++) {
          await pause(SECONDS * 1_000);
          const sorted = ((await asking.ask('report')).latenciesMs ?? []).sort((left, right) => left - right);
          rounds.push(percentile(sorted, 0.95));
          say(`round ${round} of ${ROUNDS}: ${sorted.length} answers, p50 ${percentile(sorted, 0.5).toFixed(1)} ms`);
        }
        await asking.ask('stop');
        const measured = `GET /v1/positions with ${POSITIONS} positions at ${PER_SECOND} requests/s, whatever the answers take, from a process of its own with kept connections and a real access token: request to end of answer; ${ROUNDS} rounds of ${SECONDS} s`;
        return [
          {
            name: `gateway at ${PER_SECOND} rps, p95`,
            unit: 'ms',
            spread: spreadOf(rounds),
            target: { atMost: 10 },
            key: 'gatewayP95Ms',
            measured,
          },
        ];
      } finally {
        await asking.end();
      }
    }),
};
