import * as z from 'zod';
import { operation } from '../kit/operation.ts';
import { book, instant, instrumentId } from '../kit/trading-terms.ts';

/** `ensemble` weighs momentum and mean reversion by how far the market is trending; the others follow one of them alone. */
const strategy = z.enum(['ensemble', 'momentum', 'mean-reversion']);

const mandateTerms = {
  strategy,
  instrument: instrumentId,
  /** The book its orders and positions are kept in. */
  book,
  /** The largest position either way, in lots. */
  maxPositionLots: z.int().min(1).max(1_000_000),
};

export const grantMandate = operation({
  method: 'POST',
  path: '/v1/mandates',
  summary: 'Permit a strategy to trade an instrument in a book, within a limit',
  audience: 'public',
  roles: ['risk-officer'],
  input: z.strictObject(mandateTerms),
  output: z.object({ mandateId: z.uuid() }),
  problems: ['mandate-exists', 'unknown-instrument', 'not-tradable'],
  status: 201,
});

export const getMandates = operation({
  method: 'GET',
  path: '/v1/mandates',
  summary: "The organisation's mandates",
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({}),
  output: z.object({
    mandates: z.array(z.object({ mandateId: z.uuid(), ...mandateTerms, grantedBy: z.string(), grantedAt: instant })),
  }),
});
