import { add, compare, type Decimal, isZero, sign, subtract } from '#contracts/kit/decimal.ts';

/** Why an order never reached the venue's book. */
export type FailureReason = 'halted' | 'stale-approval' | 'venue-rejected' | 'not-tradable' | 'superseded';

export type CancelCause = 'halt' | 'requested' | 'superseded';
type WithdrawalCause = CancelCause | 'expired';

/** Where an order is in its life. Lots; `withdrawn` is what was cancelled or expired. */
export type OrderState =
  | { status: 'INTENDED' }
  | { status: 'WORKING' }
  | { status: 'PARTIALLY_FILLED'; filled: Decimal }
  | { status: 'FILLED' }
  | { status: 'CANCELLED'; filled: Decimal; withdrawn: Decimal }
  | { status: 'EXPIRED'; filled: Decimal; withdrawn: Decimal }
  | { status: 'FAILED'; reason: FailureReason; detail: string };

/** What the order's life depends on: its size and where it is. */
export interface OrderLife {
  readonly quantity: Decimal;
  readonly state: OrderState;
}

/** What is told about an order, by the venue or by our own refusal to send it. */
export type Report =
  | { kind: 'accepted' }
  | { kind: 'refused'; reason: FailureReason; detail: string }
  | { kind: 'executed'; quantity: Decimal }
  | { kind: 'expired' }
  /** `filled`: what the venue had executed by then. Its executions may be reported after this. */
  | { kind: 'cancelled'; cause: CancelCause; filled: Decimal };

/** What thereby became true. */
type Fact =
  | { kind: 'submitted' }
  | { kind: 'failed'; reason: FailureReason; detail: string }
  | { kind: 'filled'; quantity: Decimal }
  | { kind: 'withdrawn'; cause: WithdrawalCause; quantity: Decimal };

/** A report that cannot be true of the order as it is known: the books of the two sides differ, and a person has to look. */
export class ImpossibleReport extends Error {
  override name = 'ImpossibleReport';

  constructor(report: Report, state: OrderState) {
    super(`an order that is ${state.status} cannot be ${report.kind}`);
  }
}

/**
 * The facts that a report adds to what is known. Reports overtake one another: an execution may come before the answer to the
 * submission, and then implies that the venue has taken the order; the answer that follows adds nothing.
 * Throws ImpossibleReport.
 */
export function decide(order: OrderLife, report: Report): Fact[] {
  switch (report.kind) {
    case 'accepted':
      return onAccepted(order, report);
    case 'refused':
      return onRefused(order, report);
    case 'executed':
      return onExecuted(order, report);
    case 'expired':
      return onExpired(order, report);
    case 'cancelled':
      return onCancelled(order, report);
  }
}

/** The order after a fact. Throws a RangeError on a fact that `decide` would not have given. */
function evolve(order: OrderLife, fact: Fact): OrderLife {
  return { ...order, state: stateAfter(order, fact) };
}

/** A fact and the order right after it. */
export interface Step<T extends OrderLife> {
  fact: Fact;
  after: T;
}

/** Takes a report into an order: what it adds, one step after the other. Throws ImpossibleReport. */
export function advance<T extends OrderLife>(order: T, report: Report): { order: T; steps: Step<T>[] } {
  const steps: Step<T>[] = [];
  let current = order;
  for (const fact of decide(order, report)) {
    current = { ...current, state: evolve(current, fact).state };
    steps.push({ fact, after: current });
  }
  return { order: current, steps };
}

export function filledOf({ quantity, state }: OrderLife): Decimal {
  switch (state.status) {
    case 'INTENDED':
    case 'WORKING':
    case 'FAILED':
      return '0';
    case 'FILLED':
      return quantity;
    case 'PARTIALLY_FILLED':
    case 'CANCELLED':
    case 'EXPIRED':
      return state.filled;
  }
}

export function withdrawnOf({ state }: OrderLife): Decimal {
  return state.status === 'CANCELLED' || state.status === 'EXPIRED' ? state.withdrawn : '0';
}

/** What may still execute: the quantity less what has executed and what is withdrawn. */
export function remainingOf(order: OrderLife): Decimal {
  if (order.state.status === 'FAILED') return '0';
  return subtract(subtract(order.quantity, filledOf(order)), withdrawnOf(order));
}

/** Whether the venue may have it in its book. */
export function isOpen({ state }: OrderLife): boolean {
  return state.status === 'INTENDED' || isWorking({ state });
}

export function isWorking({ state }: Pick<OrderLife, 'state'>): boolean {
  return state.status === 'WORKING' || state.status === 'PARTIALLY_FILLED';
}

function onAccepted({ state }: OrderLife, report: Report): Fact[] {
  if (state.status === 'INTENDED') return [{ kind: 'submitted' }];
  if (state.status === 'FAILED') throw new ImpossibleReport(report, state);
  return [];
}

function onRefused({ state }: OrderLife, report: Report & { kind: 'refused' }): Fact[] {
  if (state.status !== 'INTENDED') throw new ImpossibleReport(report, state);
  return [{ kind: 'failed', reason: report.reason, detail: report.detail }];
}

function onExecuted(order: OrderLife, report: Report & { kind: 'executed' }): Fact[] {
  if (sign(report.quantity) <= 0 || compare(report.quantity, remainingOf(order)) > 0) {
    throw new ImpossibleReport(report, order.state);
  }
  return [...impliedSubmission(order), { kind: 'filled', quantity: report.quantity }];
}

function onExpired(order: OrderLife, report: Report): Fact[] {
  if (order.state.status === 'EXPIRED') return [];
  if (!isOpen(order)) throw new ImpossibleReport(report, order.state);
  return [...impliedSubmission(order), { kind: 'withdrawn', cause: 'expired', quantity: remainingOf(order) }];
}

function onCancelled(order: OrderLife, report: Report & { kind: 'cancelled' }): Fact[] {
  if (order.state.status === 'CANCELLED') return [];
  const withdrawn = subtract(order.quantity, report.filled);
  const isPossible = sign(withdrawn) > 0 && compare(report.filled, filledOf(order)) >= 0;
  if (!isOpen(order) || !isPossible) throw new ImpossibleReport(report, order.state);
  return [...impliedSubmission(order), { kind: 'withdrawn', cause: report.cause, quantity: withdrawn }];
}

function impliedSubmission({ state }: OrderLife): Fact[] {
  return state.status === 'INTENDED' ? [{ kind: 'submitted' }] : [];
}

function stateAfter(order: OrderLife, fact: Fact): OrderState {
  switch (fact.kind) {
    case 'submitted':
      return { status: 'WORKING' };
    case 'failed':
      return { status: 'FAILED', reason: fact.reason, detail: fact.detail };
    case 'filled':
      return afterFill(order, add(filledOf(order), fact.quantity));
    case 'withdrawn':
      return {
        status: fact.cause === 'expired' ? 'EXPIRED' : 'CANCELLED',
        filled: filledOf(order),
        withdrawn: fact.quantity,
      };
  }
}

/** An execution from before a cancellation may be reported after it: the order stays cancelled. */
function afterFill({ quantity, state }: OrderLife, filled: Decimal): OrderState {
  if (state.status === 'CANCELLED' || state.status === 'EXPIRED') return { ...state, filled };
  if (state.status === 'INTENDED' || state.status === 'FAILED') throw new RangeError(`${state.status} has no fills`);
  return isZero(subtract(quantity, filled)) ? { status: 'FILLED' } : { status: 'PARTIALLY_FILLED', filled };
}
