import { bar, crude, orderTerms } from '../venue/fixtures.ts';
import { client } from '../venue/venue-client.ts';
import { Load, type Running, type Subject } from './kills.ts';

const PAGE = 1_000;

type Call = ReturnType<typeof client>;

/** Clients that place orders and cancel some of them, and a market that trades the others. */
export function killedVenue(): Subject {
  let ordinal = 0;
  let sequence = 0;
  const attempted = new Set<string>();
  const placed = new Set<string>();
  const cancelled = new Set<string>();
  const executed = new Set<string>();
  /** The answers to the bars since the last check. */
  const bars = new Map<number, unknown>();

  const placeOrder = async (call: Call) => {
    const clientOrderId = `order-${ordinal++}`;
    attempted.add(clientOrderId);
    await call('POST', '/v1/orders', orderTerms({ clientOrderId, decidedAtSequence: sequence }));
    return () => placed.add(clientOrderId);
  };
  const placeAndCancel = async (call: Call) => {
    const clientOrderId = `resting-${ordinal++}`;
    attempted.add(clientOrderId);
    await call('POST', '/v1/orders', orderTerms({ clientOrderId, type: 'LIMIT', limitPrice: '1' }));
    placed.add(clientOrderId);
    await call('POST', `/v1/orders/alpha/${clientOrderId}/cancel`);
    return () => cancelled.add(clientOrderId);
  };
  const trade = async (call: Call) => {
    const at = ++sequence;
    const { body } = await call('POST', '/v1/bars', { instrument: 'CL', ...bar(at, '50') });
    return () => {
      bars.set(at, body);
      for (const { executionId } of body.executions) executed.add(executionId);
    };
  };

  return {
    main: new URL('../../../emulators/venue/main.ts', import.meta.url),
    options: (directory, fsync) => ({ port: 0, directory, fsync, compactAtBytes: 20_000 }),
    async check(t, { port }: Running) {
      const call = client(port);
      await call('PUT', '/v1/instruments/CL', crude({ depthLots: '3' }));
      for (const [at, body] of bars) {
        const again = await call('POST', '/v1/bars', { instrument: 'CL', ...bar(at, '50') });
        t.deepEqual(again.body, body, 'a bar is answered as the first time');
      }
      bars.clear();
      const found = await allOf(call, 'orders');
      const orders = new Map(found.map((order) => [order.clientOrderId, order.status]));
      t.is(orders.size, found.length, 'each order once');
      const ids = new Set(orders.keys());
      t.deepEqual([...placed.difference(ids)], [], 'lost');
      t.deepEqual([...ids.difference(attempted)], [], 'invented');
      for (const id of cancelled) t.is(orders.get(id), 'CANCELLED');
      const executions = (await allOf(call, 'executions')).map(({ executionId }) => executionId);
      t.is(new Set(executions).size, executions.length, 'each execution once');
      t.deepEqual([...executed.difference(new Set(executions))], [], 'lost');
      for (const id of ids) placed.add(id);
      for (const id of executions) executed.add(id);
      attempted.clear();
      for (const id of ids) attempted.add(id);
    },
    load({ port }) {
      const call = client(port);
      const steps = [placeOrder, placeOrder, placeOrder, placeAndCancel, trade];
      return new Load(
        steps.map((step) => () => step(call)),
        () => undefined,
      );
    },
  };
}

interface Listed {
  clientOrderId: string;
  executionId: string;
  status: string;
}

/** Orders or executions, page by page. */
async function allOf(call: Call, what: 'orders' | 'executions'): Promise<Listed[]> {
  const items: Listed[] = [];
  for (let after = 0, isLast = false; !isLast; ) {
    const { body } = await call('GET', `/v1/${what}?limit=${PAGE}&after=${after}`);
    items.push(...(body[what] as Listed[]));
    isLast = body[what].length < PAGE;
    after = body.next;
  }
  return items;
}
