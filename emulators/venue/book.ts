import { add } from '#contracts/kit/decimal.ts';
import { BarWindow, type BarWindowState } from './bar-window.ts';
import { type Execution, type Expiry, type Order, orderKey, type Session } from './order.ts';

/** One instrument's working orders and the bars it has seen. Pure state: deciding is matching.ts's. */
export interface Book {
  readonly instrument: string;
  readonly working: Map<string, Order>;
  readonly bars: BarWindow;
}

/** What a bar does to a book, as a fact that can be stored and applied again. */
export interface BarOutcome {
  sequence: number;
  /** Days since 1970-01-01 of the bar's open, UTC. */
  day: number;
  executions: Execution[];
  expired: Expiry[];
  /** Keys of stops whose price was reached. */
  triggered: string[];
  /** Keys of limit orders that are in the book from now on. */
  rested: string[];
}

export function createBook(instrument: string, windowBars: number, bars?: BarWindowState): Book {
  return { instrument, working: new Map(), bars: new BarWindow(windowBars, bars) };
}

/** The order's session as of a bar: its own once known, else the bar's if that comes after the decision. */
export function sessionOn(order: Order, bar: { sequence: number; day: number }, ordinal: number): Session | undefined {
  if (order.session !== undefined) return order.session;
  return bar.sequence > order.terms.decidedAtSequence ? { firstBar: ordinal, day: bar.day } : undefined;
}

export function enterOrder(book: Book, order: Order): void {
  book.working.set(orderKey(order.terms), order);
}

export function cancelOrder(book: Book, order: Order): void {
  order.status = 'CANCELLED';
  book.working.delete(orderKey(order.terms));
}

/** Applies what a bar did. An outcome that names an order that is not working is a corrupt log: it throws. */
export function applyBar(book: Book, outcome: BarOutcome): void {
  for (const order of book.working.values()) order.session = sessionOn(order, outcome, book.bars.count);
  for (const key of outcome.triggered) workingOrder(book, key).triggered = true;
  for (const key of outcome.rested) workingOrder(book, key).resting = true;
  for (const execution of outcome.executions) applyExecution(book, execution);
  for (const expiry of outcome.expired) {
    workingOrder(book, orderKey(expiry)).status = 'EXPIRED';
    book.working.delete(orderKey(expiry));
  }
  book.bars.add(outcome.sequence, outcome.day, { executions: outcome.executions, expired: outcome.expired });
}

function applyExecution(book: Book, execution: Execution): void {
  const key = orderKey(execution);
  const order = workingOrder(book, key);
  order.executions.push(execution);
  order.filled = add(order.filled, execution.quantity);
  if (order.filled !== order.terms.quantity) return;
  order.status = 'FILLED';
  book.working.delete(key);
}

function workingOrder(book: Book, key: string): Order {
  const order = book.working.get(key);
  if (order === undefined) throw new Error(`${book.instrument}: a bar names an order that is not working: ${key}`);
  return order;
}
