import type { Decimal } from '#contracts/kit/decimal.ts';
import type { Side } from '#contracts/kit/trading-terms.ts';

/** How an instrument trades on a venue that we run ourselves. */
interface VenueInstrument {
  instrument: string;
  tickSize: Decimal;
  lotSize: Decimal;
  multiplier: Decimal;
  currency: string;
  feePerLot: Decimal;
  spreadTicks: number;
  depthLots: Decimal;
  levels: number;
}

/** An order as a venue takes it. `account` and `clientOrderId` together name it there, for ever. */
interface VenueOrder {
  clientOrderId: string;
  account: string;
  instrument: string;
  side: Side;
  type: 'MARKET' | 'LIMIT';
  /** Lots. */
  quantity: Decimal;
  limitPrice?: Decimal | undefined;
  timeInForce: 'DAY' | 'GTC' | 'IOC';
  /** The bar it was decided on: a simulated venue fills it on a later one only. */
  decidedAtSequence: number;
  decidedAt: string;
}

/** An order as a venue knows it. Executions are not in it: they come as reports, in the venue's order, exactly once each. */
export interface VenueOrderState {
  status: 'WORKING' | 'FILLED' | 'CANCELLED' | 'EXPIRED' | 'REJECTED';
  /** Lots executed so far. */
  filled: Decimal;
  /** The venue's words, where it is REJECTED. */
  rejection: string | undefined;
}

/** One bar, as a simulated venue matches on it. */
interface VenueBar {
  instrument: string;
  sequence: number;
  openedAt: string;
  closedAt: string;
  open: Decimal;
  high: Decimal;
  low: Decimal;
  close: Decimal;
  volume: Decimal;
}

interface VenueExecution {
  /** Unique for ever and across venues: a fill is booked by it. An adapter puts its name before ids that are not. */
  executionId: string;
  account: string;
  clientOrderId: string;
  quantity: Decimal;
  price: Decimal;
  fee: Decimal;
  feeCurrency: string;
}

/** What a bar did, in the venue's order. */
export interface BarReport {
  executions: VenueExecution[];
  expired: { account: string; clientOrderId: string }[];
}

/**
 * A place where orders trade. Every method but `configure` and `advance` is what any exchange offers; executions reach us later, as
 * `execution.venue.reported`: a simulated venue gives them as the answer to a bar, a real one through its own feed.
 * All throw where the outcome is not known: the exchange did not answer, or not in a way that can be read.
 */
export interface Venue {
  readonly name: string;
  /** Sends an order. Repeating it with the same ids does nothing and answers the order as it is. */
  submit(order: VenueOrder): Promise<VenueOrderState>;
  /** The order by its client id; undefined where the venue has never seen it. */
  ask(account: string, clientOrderId: string): Promise<VenueOrderState | undefined>;
  /** Withdraws what is left and answers the order as it is then; undefined where the venue has never seen it. */
  cancel(account: string, clientOrderId: string): Promise<VenueOrderState | undefined>;
  /** Only for a venue that trades on bars we send. Idempotent: the same bar is answered the same again. */
  readonly simulation?: {
    configure(instrument: VenueInstrument): Promise<void>;
    advance(bar: VenueBar): Promise<BarReport>;
  };
}
