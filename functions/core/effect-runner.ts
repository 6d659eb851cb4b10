import { outboxPool } from './database.ts';
import { type Effect, type EffectContext, NEVER_ARRIVED } from './effect.ts';
import type { TransactionContext } from './function.ts';
import { type Invocation, invocation as invocationOf } from './invocation.ts';
import { endSpan, SpanKind, startChild } from './trace.ts';
import { EFFECT_LEASE_SECONDS, forTenant, type IntendedEffect, setTenant, unitOfWork } from './unit-of-work.ts';

/** An effect that is not settled yet: somebody must come back to it. */
export class EffectUnsettled extends Error {
  override name = 'EffectUnsettled';
}

type Taken = 'taken' | 'elsewhere' | 'settled';

/**
 * Acts on an effect whose intent is committed, and commits its outcome. `fresh`: this invocation committed the intent itself, so
 * nobody can have sent it before. Throws EffectUnsettled where the outcome stays unknown; the sweep or a redelivery asks again.
 */
export async function runEffect(parent: Invocation, intended: IntendedEffect, fresh: boolean): Promise<void> {
  const { effect, clientId, request } = intended;
  const invocation = phaseOf(parent, intended);
  const context = effectContext(invocation, clientId);
  // A fresh intent without a permit holds its lease from the start.
  if (!fresh || effect.permit !== undefined) {
    const taken = await take(invocation, intended, fresh);
    if (taken === 'settled') return;
    if (taken === 'elsewhere') throw new EffectUnsettled(`${effect.name} ${clientId} is being worked on elsewhere`);
  }
  if (!fresh) {
    const answer = await ask(invocation, effect, request, context);
    if (answer !== NEVER_ARRIVED) return settle(invocation, intended, answer);
    if (!(await permitAgain(invocation, intended))) return;
  }
  await settle(invocation, intended, await act(invocation, effect, request, context));
}

/** The same ids whoever comes to it: the invocation that intended it, a redelivery or the sweep. */
function phaseOf(
  { runtime, cause, now, tenant, span, sharesTransactions }: Invocation,
  { effect, clientId }: IntendedEffect,
): Invocation {
  const scope = `${effect.name}/${clientId}`;
  return invocationOf(runtime, cause, now, tenant, span, { scope, sharesTransactions });
}

/** Takes the lease and, for what has never been sent, the last look before sending. What `permit` refuses is settled at once. */
async function take(invocation: Invocation, intended: IntendedEffect, fresh: boolean): Promise<Taken> {
  const { effect, clientId } = intended;
  const committed = await unitOfWork(
    invocation,
    (tx) => tx<{ taken: Taken }[]>`
      select take_effect(${invocation.tenant ?? null}, ${effect.name}, ${clientId}, ${EFFECT_LEASE_SECONDS}) as taken`,
    async (context, [row]): Promise<Taken> => {
      const taken = row?.taken ?? 'settled';
      return taken === 'taken' && fresh && !(await permitted(context, intended)) ? 'settled' : taken;
    },
  );
  await committed.sent;
  return committed.result;
}

/** Nothing arrived at the other side, and time has passed: whether it may still be sent is asked anew. */
async function permitAgain(invocation: Invocation, intended: IntendedEffect): Promise<boolean> {
  const committed = await unitOfWork(
    invocation,
    (tx) => setTenant(tx, invocation.tenant),
    (context) => permitted(context, intended),
  );
  await committed.sent;
  return committed.result;
}

async function permitted(context: TransactionContext, { effect, clientId, request }: IntendedEffect): Promise<boolean> {
  const verdict = effect.permit === undefined ? 'send' : await effect.permit(request, context as never);
  if (verdict === 'send') return true;
  await effect.settle(verdict, request, context as never);
  await context.tx`select settle_effect(${context.tenant ?? null}, ${effect.name}, ${clientId}, ${context.tx.json(verdict as never)})`;
  return false;
}

/** Sends the request. Throws EffectUnsettled where nobody can say what became of it. */
async function act(invocation: Invocation, effect: Effect, request: unknown, context: EffectContext): Promise<unknown> {
  const span = startChild(invocation.span, `effect ${effect.name}`, SpanKind.CLIENT);
  try {
    const outcome = effect.outcome.parse(await effect.act(request, context));
    endSpan(span);
    return outcome;
  } catch (error) {
    endSpan(span, error);
    await recordFailure(invocation, effect, context.clientId, error, effect.ask === null ? 'stuck' : 'intended');
    throw new EffectUnsettled(`${effect.name} ${context.clientId}: the outcome is unknown`, { cause: error });
  }
}

async function ask(invocation: Invocation, effect: Effect, request: unknown, context: EffectContext): Promise<unknown> {
  if (effect.ask === null) {
    const error = new Error('it may have been sent, and there is no way to ask: a person has to look');
    await recordFailure(invocation, effect, context.clientId, error, 'stuck');
    throw new EffectUnsettled(`${effect.name} ${context.clientId}: ${error.message}`);
  }
  const span = startChild(invocation.span, `ask ${effect.name}`, SpanKind.CLIENT);
  try {
    const answer = await effect.ask(request, context);
    endSpan(span);
    return answer === NEVER_ARRIVED ? answer : effect.outcome.parse(answer);
  } catch (error) {
    endSpan(span, error);
    await recordFailure(invocation, effect, context.clientId, error, 'intended');
    throw new EffectUnsettled(`${effect.name} ${context.clientId}: could not ask for the outcome`, { cause: error });
  }
}

/** Commits what the outcome means. Somebody who asked may have settled it meanwhile: its outcome counts once. */
async function settle(invocation: Invocation, intended: IntendedEffect, outcome: unknown): Promise<void> {
  const { effect, clientId, request } = intended;
  const committed = await unitOfWork(
    invocation,
    (tx) => tx<{ settled: boolean }[]>`
      select settle_effect(${invocation.tenant ?? null}, ${effect.name}, ${clientId}, ${tx.json(outcome as never)}) as settled`,
    async (context, [row]) => {
      if (row?.settled === true) await effect.settle(outcome, request, context as never);
    },
  );
  await committed.sent;
  for (const next of committed.effects) await runEffect(invocation, next, true);
}

async function recordFailure(
  invocation: Invocation,
  effect: Effect,
  clientId: string,
  error: unknown,
  state: 'intended' | 'stuck',
) {
  invocation.log.error({ effect: effect.name, clientId, state, error: String(error) }, 'effect not settled');
  await forTenant(
    invocation,
    (tx) => tx`update effects set state = ${state}, leased_until = null, last_error = ${String(error)}
      where name = ${effect.name} and client_id = ${clientId} and state = 'intended'`,
  );
}

function effectContext({ tenant, traceparent, log, config }: Invocation, clientId: string): EffectContext {
  return { clientId, tenant, traceparent, log, config };
}

export interface UnfinishedEffect {
  tenant: string | null;
  name: string;
  client_id: string;
  cause: string;
  traceparent: string;
  caused_at: Date;
  request: unknown;
}

/** Effects that a crash or an unknown outcome left: of one cause, or of a whole context. Those somebody holds a lease on are left out. */
export async function unfinishedEffects(
  runtime: Invocation['runtime'],
  cause: string | undefined,
): Promise<UnfinishedEffect[]> {
  const sql = outboxPool(runtime.config.database);
  return sql<UnfinishedEffect[]>`select tenant, name, client_id, cause, traceparent, caused_at, request from effects
    where state = 'intended' and ${cause === undefined ? sql`coalesce(leased_until <= now(), true)` : sql`cause = ${cause}`}
    order by intended_at limit 200`;
}
