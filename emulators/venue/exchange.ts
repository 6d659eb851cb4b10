import type { BarResult } from './bar-window.ts';
import { applyBar, type Book, cancelOrder, createBook, enterOrder } from './book.ts';
import type { InstrumentTerms } from './instrument.ts';
import { type Bar, matchBar } from './matching.ts';
import { type Execution, type Order, type OrderTerms, orderKey, rejectionOf } from './order.ts';
import type { HappenedRecord, VenueRecord } from './records.ts';

/** `known`: the same order again. `reused`: its id, with other content. */
export type Placement =
  | { kind: 'new'; record: HappenedRecord }
  | { kind: 'known'; order: Order }
  | { kind: 'reused'; order: Order };

const EXECUTIONS_PER_KEPT_RECORD = 256;

/**
 * The whole exchange as a value without I/O. Decisions are made against it and come back as records; it changes by
 * applying records only, so the same records give the same exchange.
 */
export class Exchange {
  readonly instruments = new Map<string, InstrumentTerms>();
  readonly books = new Map<string, Book>();
  /** Every order ever taken in, by key: an id is never free again. */
  readonly orders = new Map<string, Order>();
  readonly ordersByAccount = new Map<string, Order[]>();
  readonly executions: Execution[] = [];
  readonly executionsByAccount = new Map<string, Execution[]>();
  readonly #windowBars: number;

  /** @param windowBars bars of each instrument whose answers are kept for repetition, at least. */
  constructor(windowBars: number) {
    this.#windowBars = windowBars;
  }

  /** Undefined when the terms are what they were. */
  decideTerms(id: string, terms: InstrumentTerms): HappenedRecord | undefined {
    const unchanged = JSON.stringify(this.instruments.get(id)) === JSON.stringify(terms);
    return unchanged ? undefined : { t: 'instrument', id, terms };
  }

  decideOrder(terms: OrderTerms): Placement {
    const order = this.orders.get(orderKey(terms));
    if (order !== undefined) {
      const isSame = JSON.stringify(order.terms) === JSON.stringify(terms);
      return isSame ? { kind: 'known', order } : { kind: 'reused', order };
    }
    const bars = this.books.get(terms.instrument)?.bars;
    return {
      kind: 'new',
      record: {
        t: 'order',
        terms,
        acceptedSequence: bars?.newestSequence ?? null,
        rejectReason: rejectionOf(terms, this.instruments.get(terms.instrument)),
        // An order that comes late belongs to the first bar after its decision, though it can no longer trade on it.
        session: bars?.sessionAfter(terms.decidedAtSequence),
      },
    };
  }

  /** Undefined when the order has ended: a cancel changes nothing then. */
  decideCancel({ status, terms }: Order): HappenedRecord | undefined {
    if (status !== 'WORKING') return undefined;
    return { t: 'cancel', account: terms.account, clientOrderId: terms.clientOrderId };
  }

  /** The stored answer to a bar; `too-old` when a newer one was processed and nothing is stored for this one. */
  resultOf(instrument: string, sequence: number): BarResult | 'too-old' | undefined {
    const bars = this.books.get(instrument)?.bars;
    const newest = bars?.newestSequence;
    if (bars === undefined || newest === undefined || sequence > newest) return undefined;
    return bars.resultOf(sequence) ?? 'too-old';
  }

  /** @param bar newer than every bar of the instrument before it. */
  decideBar(instrument: string, terms: InstrumentTerms, bar: Bar): HappenedRecord & BarResult {
    return { t: 'bar', instrument, ...matchBar(this.#bookOf(instrument), terms, bar) };
  }

  apply(record: VenueRecord): void {
    switch (record.t) {
      case 'instrument':
        this.instruments.set(record.id, record.terms);
        return;
      case 'order':
        this.#enter(newOrder(record));
        return;
      case 'cancel': {
        const order = this.#orderOf(record);
        cancelOrder(this.#bookOf(order.terms.instrument), order);
        return;
      }
      case 'bar':
        applyBar(this.#bookOf(record.instrument), record);
        for (const execution of record.executions) this.#keep(execution);
        return;
      case 'kept-order':
        this.#enter({ ...record.order, executions: [] });
        return;
      case 'kept-executions':
        for (const execution of record.executions) {
          this.#orderOf(execution).executions.push(execution);
          this.#keep(execution);
        }
        return;
      case 'kept-bars':
        this.books.set(record.instrument, createBook(record.instrument, this.#windowBars, record.bars));
        return;
    }
  }

  /** Records that give an equal exchange when they are applied to an empty one. */
  *snapshot(): Generator<VenueRecord> {
    for (const [id, terms] of this.instruments) yield { t: 'instrument', id, terms };
    for (const [instrument, book] of this.books) yield { t: 'kept-bars', instrument, bars: book.bars.toState() };
    for (const { executions: _, ...order } of this.orders.values()) yield { t: 'kept-order', order };
    for (let from = 0; from < this.executions.length; from += EXECUTIONS_PER_KEPT_RECORD) {
      yield { t: 'kept-executions', executions: this.executions.slice(from, from + EXECUTIONS_PER_KEPT_RECORD) };
    }
  }

  #enter(order: Order): void {
    this.orders.set(orderKey(order.terms), order);
    listOf(this.ordersByAccount, order.terms.account).push(order);
    if (order.status === 'WORKING') enterOrder(this.#bookOf(order.terms.instrument), order);
  }

  #keep(execution: Execution): void {
    this.executions.push(execution);
    listOf(this.executionsByAccount, execution.account).push(execution);
  }

  #orderOf(named: { account: string; clientOrderId: string }): Order {
    const order = this.orders.get(orderKey(named));
    if (order === undefined) throw new Error(`a record names an unknown order: ${orderKey(named)}`);
    return order;
  }

  #bookOf(instrument: string): Book {
    const known = this.books.get(instrument);
    if (known !== undefined) return known;
    const book = createBook(instrument, this.#windowBars);
    this.books.set(instrument, book);
    return book;
  }
}

function newOrder(record: Extract<HappenedRecord, { t: 'order' }>): Order {
  const { terms, acceptedSequence, rejectReason, session } = record;
  const decidedAtMs = Date.parse(terms.decidedAt);
  const status = rejectReason === undefined ? 'WORKING' : 'REJECTED';
  const untouched = { filled: '0', triggered: false, resting: false, executions: [] };
  return { terms, decidedAtMs, acceptedSequence, status, rejectReason, session, ...untouched };
}

function listOf<T>(lists: Map<string, T[]>, key: string): T[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const list: T[] = [];
  lists.set(key, list);
  return list;
}
