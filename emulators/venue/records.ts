import type { BarWindowState } from './bar-window.ts';
import type { BarOutcome } from './book.ts';
import type { InstrumentTerms } from './instrument.ts';
import type { Execution, Order, OrderTerms, RejectReason, Session } from './order.ts';

/**
 * What happened, as the log keeps it: results, not inputs, so that a later version of the matching never changes a
 * fill that was answered.
 */
export type HappenedRecord =
  | { t: 'instrument'; id: string; terms: InstrumentTerms }
  | {
      t: 'order';
      terms: OrderTerms;
      acceptedSequence: number | null;
      rejectReason?: RejectReason | undefined;
      session?: Session | undefined;
    }
  | { t: 'cancel'; account: string; clientOrderId: string }
  | ({ t: 'bar'; instrument: string } & BarOutcome);

/** What a snapshot keeps in place of the records before it. */
export type KeptRecord =
  | { t: 'kept-order'; order: Omit<Order, 'executions'> }
  | { t: 'kept-executions'; executions: Execution[] }
  | { t: 'kept-bars'; instrument: string; bars: BarWindowState };

export type VenueRecord = HappenedRecord | KeptRecord;
