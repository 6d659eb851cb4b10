import type * as z from 'zod';
import type { Event } from '#contracts/kit/event.ts';
import type { TransactionContext } from './function.ts';
import type { Logger } from './logger.ts';

/** What an effect knows while it talks to the outside: no transaction, no publisher. */
export interface EffectContext {
  /** The id the other side knows the request by. Deterministic: the same cause always has the same one. */
  clientId: string;
  tenant: string | undefined;
  traceparent: string;
  log: Logger;
  config: (name: string) => string;
}

/** Said by `ask` where the other side has never seen the client id: then the request may be sent again. */
export const NEVER_ARRIVED = Symbol('never-arrived');

/**
 * Something outside the platform that must happen once: an exchange order, a payment, an e-mail.
 * The intent commits with its cause; `act` runs with no transaction open; `settle` commits the outcome. Where the outcome is
 * not known (a crash, a time-out), `ask` finds out by the client id; an effect that cannot be asked is never sent again by itself.
 */
export interface Effect<
  Request extends z.ZodType = z.ZodType,
  Outcome extends z.ZodType = z.ZodType,
  E extends readonly Event[] = readonly Event[],
> {
  readonly kind: 'effect';
  /** Unique within its context. */
  readonly name: string;
  readonly request: Request;
  readonly outcome: Outcome;
  /** Events that `settle` and `permit` publish. */
  readonly emits: E;
  /** The last look before sending, in a transaction of its own: whether it may still be sent, or its outcome if not. */
  permit?(request: z.infer<Request>, context: TransactionContext<{ emits: E }>): Promise<'send' | z.infer<Outcome>>;
  /** Sends the request. Throws where the outcome is unknown; a refusal by the other side is an outcome, not an error. */
  act(request: z.infer<Request>, context: EffectContext): Promise<z.infer<Outcome>>;
  /** Asks the other side for the outcome by client id; null where there is no way to ask. */
  ask: ((request: z.infer<Request>, context: EffectContext) => Promise<z.infer<Outcome> | typeof NEVER_ARRIVED>) | null;
  /** Commits what the outcome means. */
  settle(
    outcome: z.infer<Outcome>,
    request: z.infer<Request>,
    context: TransactionContext<{ emits: E }>,
  ): Promise<void>;
}

/** Declares an outside effect. It belongs in the `effects` of whoever intends it and of its context's sweep. */
export function effect<Request extends z.ZodType, Outcome extends z.ZodType, const E extends readonly Event[]>(
  declaration: Omit<Effect<Request, Outcome, E>, 'kind'>,
): Effect<Request, Outcome, E> {
  return Object.freeze({ kind: 'effect', ...declaration });
}
