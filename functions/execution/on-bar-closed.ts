import * as z from 'zod';
import { venueReported } from '#contracts/execution/events.ts';
import type { EventData } from '#contracts/kit/event.ts';
import { barClosed } from '#contracts/market/events.ts';
import { eventFunction } from '#core/function.ts';
import type { BarReport } from './venues/port.ts';
import { venueNamed, venueNameOf } from './venues/registry.ts';

type Report = EventData<typeof venueReported>;

/**
 * The paper exchange trades on bars. Sending one needs no `effect`: the exchange answers a bar it has seen as it did the first time,
 * so a redelivery repeats nothing, and the event's ordering key keeps bars in order where effects that are retried would not.
 * Every bar is sent, also where no order works: what is on its way there counts on the exchange having seen the bars before it.
 */
export default eventFunction(
  barClosed,
  { emits: [venueReported], calls: [], onPoison: 'skip', cpu: 1, concurrency: 40, maxInstances: 5 },
  async (bar, { config, transaction }) => {
    const { simulation } = venueNamed(venueNameOf(bar.instrument), { config });
    if (simulation === undefined) return;
    const { instrument, sequence, openedAt, closedAt, open, high, low, close, volume } = bar;
    const report = await simulation.advance({
      instrument,
      sequence,
      openedAt,
      closedAt,
      open,
      high,
      low,
      close,
      volume,
    });
    if (report.executions.length === 0 && report.expired.length === 0) return;
    await transaction(async ({ publish }) => {
      for (const [tenant, data] of reportsByTenant(bar, report)) publish(venueReported, data, { tenant });
    });
  },
);

/** A tenant is an account there; an exchange may have other customers. */
function isOurs({ account }: { account: string }): boolean {
  return z.uuid().safeParse(account).success;
}

/** Each tenant's part of what a bar did, in the venue's order. */
function reportsByTenant(bar: EventData<typeof barClosed>, { executions, expired }: BarReport): Map<string, Report> {
  const { instrument, sequence, closedAt, high, low, close } = bar;
  const reports = new Map<string, Report>();
  const reportOf = (tenant: string): Report => {
    const report = reports.get(tenant) ?? {
      instrument,
      filledAt: { instrument, sequence, observedAt: closedAt },
      bar: { high, low, close },
      executions: [],
      expired: [],
    };
    reports.set(tenant, report);
    return report;
  };
  for (const { account, feeCurrency: currency, ...execution } of executions.filter(isOurs)) {
    reportOf(account).executions.push({ ...execution, currency });
  }
  for (const { account, clientOrderId } of expired.filter(isOurs)) reportOf(account).expired.push({ clientOrderId });
  return reports;
}
