import { loginPool, outboxPool } from './database.ts';
import { type Effect, type EffectContext, NEVER_ARRIVED } from './effect.ts';
import { type Invocation, invocation as invocationOf } from './invocation.ts';
import { endSpan, SpanKind, startChild } from './trace.ts';
import { EFFECT_LEASE_SECONDS, type IntendedEffect, setTenant, unitOfWork } from './unit-of-work.ts';

/** An effect that is not settled yet: somebody must come back to it. */
export class EffectUnsettled extends Error {
  override name = 'EffectUnsettled';
}

type Taken = { kind: 'taken'; attempts: number } | { kind: 'elsewhere' } | { kind: 'settled'; outcome: unknown };

/**
 * Acts on an effect whose intent is committed, and commits its outcome. `fresh`: this invocation committed the intent itself, so
 * nobody can have sent it before. Throws EffectUnsettled where the outcome stays unknown; the sweep or a redelivery asks again.
 */
export async function runEffect(parent: Invocation, intended: IntendedEffect, fresh: boolean): Promise<void> {
  const { effect, clientId, request } = intended;
  const invocation = phaseOf(parent, intended);
  if (!fresh || effect.permit !== undefined) {
    const taken = await take(invocation, intended);
    if (taken.kind === 'settled') return;
    if (taken.kind === 'elsewhere')
      throw new EffectUnsettled(`${effect.name} ${clientId} is being worked on elsewhere`);
  }
  const context = effectContext(invocation, clientId);
  const outcome = fresh
    ? await actOrAsk(invocation, effect, request, context)
    : await askOrAct(invocation, effect, request, context);
  await settle(invocation, intended, outcome);
}

/** The same ids whoever comes to it: the invocation that intended it, a redelivery or the sweep. */
function phaseOf({ runtime, cause, now, tenant, span }: Invocation, { effect, clientId }: IntendedEffect): Invocation {
  return invocationOf(runtime, cause, now, tenant, span, `${effect.name}/${clientId}`);
}

/** Takes the lease, and the last look before sending. What `permit` refuses is settled in the same transaction. */
async function take(invocation: Invocation, intended: IntendedEffect): Promise<Taken> {
  const { effect, clientId, request } = intended;
  const committed = await unitOfWork(
    invocation,
    (tx) => setTenant(tx, invocation.tenant),
    async (context): Promise<Taken> => {
      const { tx } = context;
      const [row] = await tx<{ state: string; attempts: number; free: boolean }[]>`
        select state, attempts, coalesce(leased_until <= now(), true) as free from effects
        where name = ${effect.name} and client_id = ${clientId} for update`;
      if (row === undefined || row.state !== 'intended') return { kind: 'settled', outcome: undefined };
      if (!row.free) return { kind: 'elsewhere' };
      const verdict =
        effect.permit === undefined || row.attempts > 0 ? 'send' : await effect.permit(request, context as never);
      if (verdict === 'send') {
        await tx`update effects set attempts = attempts + 1, leased_until = now() + make_interval(secs => ${EFFECT_LEASE_SECONDS})
          where name = ${effect.name} and client_id = ${clientId}`;
        return { kind: 'taken', attempts: row.attempts };
      }
      await effect.settle(verdict, request, context as never);
      await markSettled(context.tx, intended, verdict);
      return { kind: 'settled', outcome: verdict };
    },
  );
  await committed.sent;
  return committed.result;
}

async function actOrAsk(
  invocation: Invocation,
  effect: Effect,
  request: unknown,
  context: EffectContext,
): Promise<unknown> {
  try {
    return await act(invocation, effect, request, context);
  } catch (error) {
    await recordFailure(invocation, effect, context.clientId, error, effect.ask === null ? 'stuck' : 'intended');
    throw new EffectUnsettled(`${effect.name} ${context.clientId}: the outcome is unknown`, { cause: error });
  }
}

async function askOrAct(
  invocation: Invocation,
  effect: Effect,
  request: unknown,
  context: EffectContext,
): Promise<unknown> {
  if (effect.ask === null) {
    const error = new Error('it may have been sent, and there is no way to ask: a person has to look');
    await recordFailure(invocation, effect, context.clientId, error, 'stuck');
    throw new EffectUnsettled(`${effect.name} ${context.clientId}: ${error.message}`);
  }
  const span = startChild(invocation.span, `ask ${effect.name}`, SpanKind.CLIENT);
  try {
    const answer = await effect.ask(request, context);
    endSpan(span);
    if (answer !== NEVER_ARRIVED) return effect.outcome.parse(answer);
  } catch (error) {
    endSpan(span, error);
    await recordFailure(invocation, effect, context.clientId, error, 'intended');
    throw new EffectUnsettled(`${effect.name} ${context.clientId}: could not ask for the outcome`, { cause: error });
  }
  return actOrAsk(invocation, effect, request, context);
}

async function act(invocation: Invocation, effect: Effect, request: unknown, context: EffectContext): Promise<unknown> {
  const span = startChild(invocation.span, `effect ${effect.name}`, SpanKind.CLIENT);
  try {
    const outcome = effect.outcome.parse(await effect.act(request, context));
    endSpan(span);
    return outcome;
  } catch (error) {
    endSpan(span, error);
    throw error;
  }
}

async function settle(invocation: Invocation, intended: IntendedEffect, outcome: unknown): Promise<void> {
  const { effect, clientId, request } = intended;
  const committed = await unitOfWork(
    invocation,
    (tx) => setTenant(tx, invocation.tenant),
    async (context) => {
      const [row] = await context.tx<{ state: string }[]>`
        select state from effects where name = ${effect.name} and client_id = ${clientId} for update`;
      // Somebody who asked may have settled it meanwhile: its outcome counts once.
      if (row?.state !== 'intended') return;
      await effect.settle(outcome, request, context as never);
      await markSettled(context.tx, intended, outcome);
    },
  );
  await committed.sent;
  for (const next of committed.effects) await runEffect(invocation, next, true);
}

async function markSettled(
  tx: Parameters<typeof setTenant>[0],
  { effect, clientId }: IntendedEffect,
  outcome: unknown,
): Promise<void> {
  await tx`update effects set state = 'settled', outcome = ${tx.json(outcome as never)}, settled_at = now()
    where name = ${effect.name} and client_id = ${clientId}`;
}

async function recordFailure(
  { runtime, tenant, log }: Invocation,
  effect: Effect,
  clientId: string,
  error: unknown,
  state: 'intended' | 'stuck',
) {
  log.error({ effect: effect.name, clientId, state, error: String(error) }, 'effect not settled');
  await loginPool(runtime.config.database).begin(async (tx) => {
    await setTenant(tx, tenant);
    await tx`update effects set state = ${state}, leased_until = null, last_error = ${String(error)}
      where name = ${effect.name} and client_id = ${clientId} and state = 'intended'`;
  });
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
