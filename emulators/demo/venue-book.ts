import * as z from 'zod';
import { decimal } from '#contracts/kit/decimal.ts';
import { side } from '#contracts/kit/trading-terms.ts';

const execution = z.object({
  executionId: z.string(),
  account: z.string(),
  clientOrderId: z.string(),
  instrument: z.string(),
  side,
  quantity: decimal,
  price: decimal,
  fee: decimal,
  barSequence: z.int(),
});
/** A trade in the paper exchange's own book. */
export type VenueExecution = z.infer<typeof execution>;

const order = z.object({
  clientOrderId: z.string(),
  account: z.string(),
  instrument: z.string(),
  side,
  quantity: decimal,
  status: z.enum(['WORKING', 'FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED']),
  filledQuantity: decimal,
});
export type VenueOrder = z.infer<typeof order>;

const PAGE = 10_000;

/** The paper exchange's own account of what it took in and traded, in the order it happened there. */
export async function readVenueBook(port: number): Promise<{ orders: VenueOrder[]; executions: VenueExecution[] }> {
  const address = `http://127.0.0.1:${port}/v1`;
  const orders = await everyPage(
    `${address}/orders`,
    z.object({ orders: z.array(order), next: z.int() }),
    (page) => page.orders,
  );
  const executions = await everyPage(
    `${address}/executions`,
    z.object({ executions: z.array(execution), next: z.int() }),
    (page) => page.executions,
  );
  return { orders, executions };
}

async function everyPage<Page extends { next: number }, Item>(
  url: string,
  schema: z.ZodType<Page>,
  itemsOf: (page: Page) => Item[],
): Promise<Item[]> {
  const all: Item[] = [];
  for (let after = 0; ; ) {
    const response = await fetch(`${url}?limit=${PAGE}&after=${after}`);
    if (!response.ok)
      throw new Error(`the paper exchange answered ${response.status} at ${url}: ${await response.text()}`);
    const page = schema.parse(await response.json());
    const items = itemsOf(page);
    all.push(...items);
    if (items.length < PAGE) return all;
    after = page.next;
  }
}
