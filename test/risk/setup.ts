import { signalGenerated } from '#contracts/ai/events.ts';
import { userRegistered } from '#contracts/identity/events.ts';
import type { EventData } from '#contracts/kit/event.ts';
import { barClosed, instrumentListed } from '#contracts/market/events.ts';
import type { Harness } from '../support/harness.ts';
import { dailyBar, day, pointAt, wtiTerms } from '../support/market-data.ts';

export const RISK_FUNCTIONS = ['risk-on-user-registered', 'risk-on-policy-changed'];

/** A tenant whose policy exists and stands in the fast copy. */
export async function registerTenant(harness: Harness): Promise<string> {
  const tenant = crypto.randomUUID();
  const user = { userId: crypto.randomUUID(), email: 'ann@example.com', organizationId: tenant, at: day(0) };
  await harness.deliver('risk-on-user-registered', userRegistered, user, { tenant });
  await harness.settle({ only: RISK_FUNCTIONS });
  return tenant;
}

export async function listWti(
  harness: Harness,
  terms: Partial<EventData<typeof instrumentListed>> = {},
): Promise<void> {
  await harness.deliver('risk-on-instrument-listed', instrumentListed, wtiTerms(terms));
}

export async function closeBar(harness: Harness, sequence: number, close: string): Promise<number> {
  return harness.deliver('risk-on-bar-closed', barClosed, dailyBar(sequence, close));
}

type SignalData = EventData<typeof signalGenerated>;

/** A buy of confidence 0.8 under a mandate of 10 lots, on bar 5. */
export function signalOf(changes: Partial<SignalData> = {}): SignalData {
  return {
    signalId: crypto.randomUUID(),
    mandateId: crypto.randomUUID(),
    strategy: 'ensemble',
    instrument: 'WTI',
    book: 'energy-paper',
    purpose: 'STRATEGY',
    side: 'BUY',
    confidence: 0.8,
    price: '20',
    decidedAt: pointAt(5),
    volatility: 0.5,
    maxPositionLots: 10,
    modelVersion: 'test-1',
    features: {},
    ...changes,
  };
}

export function signal(harness: Harness, tenant: string, data: SignalData, id?: string): Promise<number> {
  return harness.deliver('risk-on-signal-generated', signalGenerated, data, {
    tenant,
    ...(id === undefined ? {} : { id }),
  });
}
