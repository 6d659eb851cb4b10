import * as z from 'zod';
import { positiveDecimal } from '../../contracts/kit/decimal.ts';
import { operation } from '../../contracts/kit/operation.ts';

/** Contracts of the tests' own: what they say stays, whatever becomes of the platform's. */
export const listLots = operation({
  method: 'GET',
  path: '/v1/warehouses/{warehouse}/lots',
  summary: 'Lots in a warehouse',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({
    warehouse: z.string().min(1),
    grade: z.enum(['A', 'B']).optional(),
    limit: z.coerce.number().int().min(1).default(50),
  }),
  output: z.object({ lots: z.array(z.object({ lotId: z.uuid(), weightKg: positiveDecimal })) }),
  problems: ['not-found'],
});

export const weighLot = operation({
  method: 'POST',
  path: '/v1/lots/{id}/weights',
  summary: 'Record what a lot weighs',
  audience: 'public',
  roles: ['weighmaster'],
  input: z.strictObject({ id: z.uuid(), weightKg: positiveDecimal, tareKg: positiveDecimal.default('1') }),
  output: z.object({ lotId: z.uuid(), version: z.int() }),
  problems: ['lot-is-sealed'],
  versionField: 'version',
  status: 201,
});

export const regradeLot = operation({
  method: 'PUT',
  path: '/v1/lots/{id}/grade',
  summary: 'Change the grade of a lot',
  audience: 'public',
  roles: ['grader'],
  input: z.strictObject({ id: z.uuid(), grade: z.enum(['A', 'B']) }),
  output: z.object({ version: z.int() }),
  problems: ['version-required', 'version-changed'],
  versionField: 'version',
});

export const removeLot = operation({
  method: 'DELETE',
  path: '/v1/lots/{id}',
  summary: 'Strike a lot off',
  audience: 'public',
  roles: 'anyone',
  input: z.strictObject({ id: z.uuid() }),
  output: z.object({}),
});

export const countLots = operation({
  method: 'GET',
  path: '/internal/lots/count',
  summary: 'How many lots there are',
  audience: 'internal',
  roles: 'authenticated',
  input: z.strictObject({}),
  output: z.object({ count: z.int() }),
});
