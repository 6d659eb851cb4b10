import * as z from 'zod';
import { canonical, compare, decimal } from '#contracts/kit/decimal.ts';
import { instant, priceSequence, side } from '#contracts/kit/trading-terms.ts';
import { type InstrumentTerms, instrumentTerms } from './instrument.ts';
import type { Bar } from './matching.ts';
import type { OrderTerms } from './order.ts';

// Keys join account and id with a line break.
const id = z.string().regex(/^\P{Cc}{1,128}$/u, 'must be 1 to 128 characters, none a control character');
const exact = decimal.transform(canonical);

const orderBody = z.strictObject({
  clientOrderId: id,
  account: id,
  instrument: id,
  side,
  type: z.enum(['LIMIT', 'MARKET', 'STOP']),
  quantity: exact,
  limitPrice: exact.optional(),
  stopPrice: exact.optional(),
  timeInForce: z.enum(['DAY', 'GTC', 'IOC']),
  decidedAtSequence: priceSequence,
  decidedAt: instant,
});

const barBody = z
  .object({
    instrument: id,
    sequence: priceSequence,
    openedAt: instant,
    closedAt: instant,
    open: exact,
    high: exact,
    low: exact,
    close: exact,
  })
  .refine(
    ({ open, high, low, close }) =>
      compare(high, open) >= 0 && compare(high, close) >= 0 && compare(low, open) <= 0 && compare(low, close) <= 0,
    { path: ['high'], message: 'open and close must lie between low and high' },
  );

const page = z.object({
  account: id.optional(),
  instrument: id.optional(),
  status: z.enum(['WORKING', 'FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED']).optional(),
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
});
export type Page = z.infer<typeof page>;

/** A request that does not fit: every field that does not, by its path. */
export class InvalidRequest extends Error {
  readonly errors: { path: string; message: string }[];

  constructor(errors: { path: string; message: string }[]) {
    super(errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; '));
    this.errors = errors;
  }
}

export function parseOrder(body: unknown): OrderTerms {
  return parse(orderBody, body);
}

export function parseBar(body: unknown): Bar & { instrument: string } {
  return parse(barBody, body);
}

export function parseInstrument(instrument: string, body: unknown): InstrumentTerms {
  parse(id, instrument);
  return parse(instrumentTerms, body);
}

export function parsePage(query: URLSearchParams): Page {
  return parse(page, Object.fromEntries(query));
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidRequest(parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })));
}
