import type { Exchange } from './exchange.ts';
import type { Faults } from './faults.ts';
import { type Answer, Refusal } from './http.ts';
import { type Order, orderKey } from './order.ts';
import type { HappenedRecord } from './records.ts';
import { parseBar, parseInstrument, parseOrder, parsePage } from './requests.ts';
import { orderView, orderWithExecutions, pageOf } from './views.ts';

export interface Venue {
  exchange: Exchange;
  faults: Faults;
  /** Applies a record and hands it to the log; `stored` says when it may be answered. */
  commit(record: HappenedRecord): void;
  /** Resolves when everything committed so far is stored. Reads wait too: an answer never shows what a kill could undo. */
  stored(): Promise<void>;
}

export interface Request {
  method: string;
  /** Decoded, without the leading `v1`. */
  path: string[];
  query: URLSearchParams;
  body: unknown;
}

type Route = (venue: Venue, request: Request) => Answer | Promise<Answer>;

/** By collection and number of segments after it; `cancel` is the last of three. */
const ROUTES = new Map<string, Record<string, Route>>([
  ['orders/0', { GET: listOrders, POST: placeOrder }],
  ['orders/2', { GET: getOrder }],
  ['orders/3/cancel', { POST: cancelOrder }],
  ['bars/0', { POST: takeBar }],
  ['instruments/0', { GET: listInstruments }],
  ['instruments/1', { PUT: putInstrument }],
  ['executions/0', { GET: listExecutions }],
]);

/** Answers one request. Throws `Refusal` and `InvalidRequest`. */
export async function answer(venue: Venue, request: Request): Promise<Answer> {
  const result = await routeOf(request)(venue, request);
  await venue.stored();
  return result;
}

function routeOf({ method, path }: Request): Route {
  const action = path.length === 4 ? `/${path[3]}` : '';
  const methods = ROUTES.get(`${path[0]}/${path.length - 1}${action}`);
  if (methods === undefined) throw new Refusal('not-found', `the exchange has no /v1/${path.join('/')}`);
  const route = methods[method];
  if (route === undefined) throw new Refusal('method-not-allowed', `it takes ${Object.keys(methods).join(' and ')}`);
  return route;
}

async function placeOrder({ exchange, faults, commit, stored }: Venue, { body }: Request): Promise<Answer> {
  const terms = parseOrder(body);
  const placement = exchange.decideOrder(terms);
  if (placement.kind === 'reused') {
    throw new Refusal('client-order-id-reused', `${terms.clientOrderId} is another order of ${terms.account}`);
  }
  if (placement.kind === 'known') return { status: 200, body: { order: orderWithExecutions(placement.order) } };
  faults.strike('before-log');
  commit(placement.record);
  const order = orderWithExecutions(findOrder(exchange, terms));
  await stored();
  faults.strike('after-log-before-answer');
  return { status: 201, body: { order } };
}

function getOrder({ exchange }: Venue, { path }: Request): Answer {
  return { status: 200, body: { order: orderWithExecutions(findOrder(exchange, namedIn(path))) } };
}

function cancelOrder({ exchange, commit }: Venue, { path }: Request): Answer {
  const order = findOrder(exchange, namedIn(path));
  const record = exchange.decideCancel(order);
  if (record !== undefined) commit(record);
  return { status: 200, body: { order: orderWithExecutions(order) } };
}

function listOrders({ exchange }: Venue, { query }: Request): Answer {
  const page = parsePage(query);
  const orders =
    page.account === undefined ? exchange.orders.values() : (exchange.ordersByAccount.get(page.account) ?? []);
  const { items, next } = pageOf(orders, page, ({ terms, status }) => {
    if (page.instrument !== undefined && terms.instrument !== page.instrument) return false;
    return page.status === undefined || status === page.status;
  });
  return { status: 200, body: { orders: items.map(orderView), next } };
}

function listExecutions({ exchange }: Venue, { query }: Request): Answer {
  const page = parsePage(query);
  const executions =
    page.account === undefined ? exchange.executions : (exchange.executionsByAccount.get(page.account) ?? []);
  const isWanted = (execution: { instrument: string }) =>
    page.instrument === undefined || execution.instrument === page.instrument;
  const { items, next } = pageOf(executions, page, isWanted);
  return { status: 200, body: { executions: items, next } };
}

function takeBar({ exchange, commit }: Venue, { body }: Request): Answer {
  const { instrument, ...bar } = parseBar(body);
  const terms = exchange.instruments.get(instrument);
  if (terms === undefined) throw new Refusal('not-found', `the exchange has no instrument ${instrument}`);
  const known = exchange.resultOf(instrument, bar.sequence);
  if (known === 'too-old') {
    const note = `bar ${bar.sequence} of ${instrument} came after a newer one and was not used`;
    return { status: 200, body: { executions: [], expired: [], note } };
  }
  if (known !== undefined) return { status: 200, body: known };
  const record = exchange.decideBar(instrument, terms, bar);
  commit(record);
  return { status: 200, body: { executions: record.executions, expired: record.expired } };
}

function putInstrument({ exchange, commit }: Venue, { path, body }: Request): Answer {
  const id = path[1] ?? '';
  const terms = parseInstrument(id, body);
  const record = exchange.decideTerms(id, terms);
  if (record !== undefined) commit(record);
  return { status: 200, body: { instrument: { id, ...terms } } };
}

function listInstruments({ exchange }: Venue): Answer {
  return { status: 200, body: { instruments: Array.from(exchange.instruments, ([id, terms]) => ({ id, ...terms })) } };
}

function namedIn(path: string[]): { account: string; clientOrderId: string } {
  return { account: path[1] ?? '', clientOrderId: path[2] ?? '' };
}

function findOrder(exchange: Exchange, named: { account: string; clientOrderId: string }): Order {
  const order = exchange.orders.get(orderKey(named));
  if (order === undefined) {
    throw new Refusal('not-found', `the exchange has no order ${named.clientOrderId} of ${named.account}`);
  }
  return order;
}
