import { listInstrument } from '../../contracts/market/api.ts';
import { ADMIN_EMAIL } from '../../emulators/cloud/secrets.ts';
import type { CloudAccess } from '../journeys/support/access.ts';
import { accepted, logIn } from '../journeys/support/desk.ts';

const STARTS_AT = Date.parse('2026-01-05T00:00:00Z');
export const BAR_SECONDS = 60;

/** The beginning of a bar, by its number from 0. */
export function barTime(bar: number): Date {
  return new Date(STARTS_AT + bar * BAR_SECONDS * 1_000);
}

/** Lists instruments that cost nothing to trade and never run out of depth: what limits a measurement is to be the platform. */
export async function listBenchInstruments(cloud: CloudAccess, count: number): Promise<string[]> {
  const administrator = await logIn(cloud, ADMIN_EMAIL, cloud.adminPassword);
  const names = Array.from({ length: count }, (_, index) => `BENCH-${index + 1}`);
  for (const instrument of names) {
    const terms = {
      instrument,
      description: 'Listed for measuring',
      kind: 'FUTURE' as const,
      tradable: true,
      currency: 'USD',
      multiplier: '1',
      tickSize: '0.01',
      lotSize: '1',
      barIntervalSeconds: BAR_SECONDS,
      feePerLot: '0',
      spreadTicks: 0,
      depthLots: '1000000',
      levels: 1,
    };
    accepted(await administrator.client.call(listInstrument, terms, { idempotencyKey: `list ${instrument}` }));
  }
  await cloud.quiet();
  return names;
}
