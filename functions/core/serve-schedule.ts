import type { Request, Response } from '@google-cloud/functions-framework';
import { runEffect } from './effect-runner.ts';
import type { EventDelivery } from './event-delivery.ts';
import { isOpen, type ScheduleFunction } from './function.ts';
import { receive } from './inbox.ts';
import { invocation as invocationOf, type Runtime } from './invocation.ts';
import { openContext } from './open-context.ts';
import { sweepContext } from './sweep.ts';
import { endSpan, SpanKind, startSpan } from './trace.ts';
import { handlerContext, unitOfWork } from './unit-of-work.ts';

/** Answers Cloud Scheduler: 204 when done, 503 when it should try again. */
export async function serveSchedule(
  declaration: ScheduleFunction,
  runtime: Runtime,
  request: Request,
  response: Response,
): Promise<void> {
  const scheduledAt = new Date(request.header('x-cloudscheduler-scheduletime') ?? Date.now());
  const span = startSpan(runtime.name, request.header('traceparent') ?? undefined, SpanKind.SERVER, {
    scheduled_at: scheduledAt.toISOString(),
  });
  const invocation = invocationOf(
    runtime,
    `schedule:${runtime.name}:${scheduledAt.toISOString()}`,
    scheduledAt,
    undefined,
    span,
  );
  try {
    await run(declaration, invocation, scheduledAt);
    endSpan(span);
    response.status(204).end();
  } catch (error) {
    endSpan(span, error);
    invocation.log.error({ error: String(error) }, 'schedule not completed: it will be tried again');
    response
      .status(503)
      .set('retry-after', '1')
      .json({ error: String(error) });
  }
}

async function run(
  declaration: ScheduleFunction,
  invocation: ReturnType<typeof invocationOf>,
  scheduledAt: Date,
): Promise<void> {
  const { deployment } = declaration;
  if (deployment.sweeps === true) {
    const context = { ...handlerContext(invocation), sweep: () => sweepContext(invocation.runtime, deployment) };
    return void (await declaration.handle({ scheduledAt } as never, context as never));
  }
  if (isOpen(deployment)) {
    return void (await declaration.handle({ scheduledAt } as never, openContext(deployment, invocation) as never));
  }
  // The scheduler may call twice for one time; the inbox knows the second call.
  const delivery: EventDelivery = {
    envelope: undefined,
    eventId: invocation.cause,
    attributes: {},
    data: '',
    orderingKey: undefined,
    redriven: false,
  };
  const committed = await unitOfWork(
    invocation,
    (tx) => receive(tx, invocation.runtime.name, delivery, undefined),
    async (context, [opened]) => {
      if (opened?.reception === 'accepted') await declaration.handle({ scheduledAt } as never, context as never);
    },
  );
  await committed.sent;
  for (const effect of committed.effects) await runEffect(invocation, effect, true);
}
