import type { Request, Response } from '@google-cloud/functions-framework';
import { isTransient } from './database.ts';
import { EffectUnsettled, runEffect, unfinishedEffects } from './effect-runner.ts';
import { type EventDelivery, REDRIVE_HEADER, readDelivery } from './event-delivery.ts';
import { type EventFunction, isOpen } from './function.ts';
import { nextWaiting, park, parkBehind, peek, type Reception, receive, recordFailure } from './inbox.ts';
import { type Invocation, invocation as invocationOf, type Runtime } from './invocation.ts';
import { openContext } from './open-context.ts';
import { sweepOutbox } from './outbox.ts';
import { fieldErrors, PermanentFailure, TransientFailure } from './problem.ts';
import { endSpan, SpanKind, startSpan } from './trace.ts';
import { type Committed, unitOfWork } from './unit-of-work.ts';

/** Deliveries after which an error that nothing says is transient counts as permanent. */
const ATTEMPTS_OF_UNKNOWN_ERRORS = 5;

type Verdict = { kind: 'processed' } | { kind: 'parked'; error: string } | { kind: 'retry'; error: string };

/** Answers one push: 204 when the event is processed or safely set aside, 503 when Pub/Sub is to bring it again. */
export async function serveEvent(
  declaration: EventFunction,
  runtime: Runtime,
  request: Request,
  response: Response,
): Promise<void> {
  const redriven = request.header(REDRIVE_HEADER) !== undefined;
  const delivery = readDelivery(request.body, redriven);
  const verdict = await deliver(declaration, runtime, delivery);
  if (verdict.kind === 'retry') {
    response.status(503).set('retry-after', '1').json({ error: verdict.error });
    return;
  }
  // A redrive is answered with what came of it; a push only needs its acknowledgement.
  if (redriven && verdict.kind === 'parked') {
    response.status(409).json({ error: verdict.error });
    return;
  }
  if (redriven) await releaseWaiting(declaration, runtime, delivery);
  response.status(204).end();
}

/** Once a parked event has succeeded, what waited behind it follows in order, until one of them fails. */
async function releaseWaiting(declaration: EventFunction, runtime: Runtime, released: EventDelivery): Promise<void> {
  const { orderingKey } = released;
  if (orderingKey === undefined) return;
  for (;;) {
    const waiting = await nextWaiting(invocationFor(declaration, runtime, released), orderingKey);
    if (waiting === undefined) return;
    const verdict = await deliver(declaration, runtime, waiting);
    if (verdict.kind !== 'processed') return;
  }
}

async function deliver(declaration: EventFunction, runtime: Runtime, delivery: EventDelivery): Promise<Verdict> {
  const invocation = invocationFor(declaration, runtime, delivery);
  try {
    const verdict = await process(declaration, invocation, delivery);
    endSpan(invocation.span, verdict.kind === 'processed' ? undefined : verdict.error);
    return verdict;
  } catch (error) {
    endSpan(invocation.span, error);
    return judge(declaration, invocation, delivery, error);
  }
}

async function process(declaration: EventFunction, invocation: Invocation, delivery: EventDelivery): Promise<Verdict> {
  const payload = parsePayload(declaration, invocation, delivery);
  // Into memory before the transaction opens, where others would wait for it.
  if (declaration.deployment.firestore === 'read' && invocation.tenant !== undefined)
    await invocation.policy(invocation.tenant);
  const committed = isOpen(declaration.deployment)
    ? await processOpen(declaration, invocation, delivery, payload)
    : await unitOfWork(
        invocation,
        (tx) => receive(tx, invocation.runtime.name, delivery, invocation.tenant),
        async (context, [opened]) => {
          const reception = opened?.reception ?? 'done';
          if (reception === 'key-waits')
            await parkBehind(context.tx, invocation.runtime.name, delivery, invocation.tenant);
          if (reception === 'accepted')
            await declaration.handle(payload as never, { ...context, ...deliveryContext(delivery) } as never);
          return reception;
        },
      );
  await finish(declaration, invocation, delivery, committed);
  return { kind: 'processed' };
}

/**
 * A handler that calls others opens its own transactions, so its inbox row cannot go in with all of them: it goes in last. A crash
 * in between runs the handler again with the same ids, which each of its transactions and each callee knows.
 */
async function processOpen(
  declaration: EventFunction,
  invocation: Invocation,
  delivery: EventDelivery,
  payload: unknown,
): Promise<Committed<Reception>> {
  if (declaration.deployment.onPoison === 'park-key') {
    const peeked = await unitOfWork(
      invocation,
      (tx) => peek(tx, invocation.runtime.name, delivery, invocation.tenant),
      async ({ tx }, [opened]) => {
        if (opened?.reception === 'key-waits')
          await parkBehind(tx, invocation.runtime.name, delivery, invocation.tenant);
        return opened?.reception ?? 'done';
      },
    );
    if (peeked.result !== 'accepted') return peeked;
  }
  const context = { ...openContext(declaration.deployment, invocation), ...deliveryContext(delivery) };
  await declaration.handle(payload as never, context as never);
  return unitOfWork(
    invocation,
    (tx) => receive(tx, invocation.runtime.name, delivery, invocation.tenant),
    async (_, [opened]) => opened?.reception ?? 'done',
  );
}

/** Sends and acts before the push is answered. A repeated delivery takes up what the first one may have left. */
async function finish(
  declaration: EventFunction,
  invocation: Invocation,
  delivery: EventDelivery,
  { result, effects, sent }: Committed<Reception>,
): Promise<void> {
  if (result !== 'done') {
    await sent;
    for (const effect of effects) await runEffect(invocation, effect, true);
    return;
  }
  const { runtime } = invocation;
  await sweepOutbox(runtime.config);
  for (const row of await unfinishedEffects(runtime, delivery.eventId)) {
    const effect = declaration.deployment.effects?.find(({ name }) => name === row.name);
    if (effect !== undefined)
      await runEffect(invocation, { effect, clientId: row.client_id, request: row.request }, false);
  }
}

async function judge(
  declaration: EventFunction,
  invocation: Invocation,
  delivery: EventDelivery,
  error: unknown,
): Promise<Verdict> {
  const { log } = invocation;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const transient = error instanceof TransientFailure || error instanceof EffectUnsettled || isTransient(error);
  try {
    const permanent =
      error instanceof PermanentFailure ||
      (!transient && (await recordFailure(invocation, delivery.eventId, text)) >= ATTEMPTS_OF_UNKNOWN_ERRORS);
    if (!permanent) {
      log.warn({ error: text }, 'event not processed: it will be delivered again');
      return { kind: 'retry', error: text };
    }
    await park(parkingInvocation(invocation), delivery, text, declaration.deployment.onPoison !== 'skip');
    log.error({ error: text }, 'event parked');
    return { kind: 'parked', error: text };
  } catch (parkingError) {
    // Neither processed nor set aside: only a redelivery keeps it from being lost.
    log.error(
      { error: text, parkingError: String(parkingError) },
      'event could not be parked: it will be delivered again',
    );
    return { kind: 'retry', error: text };
  }
}

/** Ids of what parking publishes must not meet those of what the handler would have published. */
function parkingInvocation({ runtime, cause, now, tenant, span }: Invocation): Invocation {
  return invocationOf(runtime, cause, now, tenant, span, { scope: `${runtime.name}/parking/${Date.now()}` });
}

function invocationFor(declaration: EventFunction, runtime: Runtime, delivery: EventDelivery): Invocation {
  const { envelope, eventId } = delivery;
  const { contract } = declaration;
  // Whoever publishes from outside is bound to a topic, not believed about a tenant.
  const tenant = contract.scope === 'tenant' && !contract.ingress ? envelope?.tenant : undefined;
  const span = startSpan(runtime.name, envelope?.traceparent, SpanKind.CONSUMER, {
    'messaging.destination.name': contract.topic,
    'messaging.message.id': eventId,
    ...(envelope === undefined ? {} : { published_at: envelope.time }),
    ...(tenant === undefined ? {} : { tenant }),
  });
  const now = envelope === undefined ? new Date() : new Date(envelope.time);
  return invocationOf(runtime, eventId, now, tenant, span, { sharesTransactions: true });
}

/** Throws a PermanentFailure where envelope or payload do not fit the contract. */
function parsePayload({ contract }: EventFunction, { tenant }: Invocation, { envelope, data }: EventDelivery): unknown {
  if (envelope === undefined && !contract.ingress)
    throw new PermanentFailure('the attributes are no CloudEvents envelope');
  if (envelope !== undefined && envelope.type !== contract.type)
    throw new PermanentFailure(`a ${envelope.type} came where ${contract.type} is consumed`);
  if (contract.scope === 'tenant' && tenant === undefined)
    throw new PermanentFailure('the event belongs to a tenant and names none');
  const parsed = contract.data.safeParse(parseJson(data));
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error).map(({ path, message }) => `${path}: ${message}`);
  throw new PermanentFailure(`the payload does not fit ${contract.topic}: ${errors.join('; ')}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PermanentFailure('the payload is not JSON', { cause: error });
  }
}

function deliveryContext({ eventId, envelope }: EventDelivery) {
  return {
    eventId,
    publishedAt: envelope?.time ?? new Date().toISOString(),
    sequence: envelope?.sequence,
    receivedAt: new Date(),
  };
}
