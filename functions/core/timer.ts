import type * as z from 'zod';
import type { Event } from '#contracts/kit/event.ts';
import type { TransactionContext } from './function.ts';

/**
 * A durable timer: a row with a due time, fired once by the context's sweep in a transaction. For deadlines people live by
 * (a request that lapses, a saga that waits); timers of trading logic run on event time instead.
 */
export interface Timer<Data extends z.ZodType = z.ZodType, E extends readonly Event[] = readonly Event[]> {
  readonly kind: 'timer';
  /** Unique within its context. */
  readonly name: string;
  readonly data: Data;
  readonly emits: E;
  fire(data: z.infer<Data>, context: TransactionContext<{ emits: E }> & { key: string }): Promise<void>;
}

/** Declares a durable timer. It belongs in the `timers` of whoever sets it and of its context's sweep. */
export function timer<Data extends z.ZodType, const E extends readonly Event[]>(
  declaration: Omit<Timer<Data, E>, 'kind'>,
): Timer<Data, E> {
  return Object.freeze({ kind: 'timer', ...declaration });
}
