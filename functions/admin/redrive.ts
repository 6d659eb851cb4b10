import { redrive } from '#contracts/admin/api.ts';
import { REDRIVE_HEADER } from '#core/event-delivery.ts';
import { httpFunction } from '#core/function.ts';
import { outcomeOf, pushRequestOf } from './domain/dead-letter.ts';
import { loadDeadLetter, noteRedrive } from './store/dead-letters.ts';

/** As long as a push may take that an event function has not asked longer for. */
const DELIVERY_DEADLINE_MS = 60_000;

/**
 * Redriving twice, or what another instance has processed meanwhile, does no harm: the function's inbox knows the event's id, and
 * answers that it is done.
 */
export default httpFunction(
  redrive,
  { operatesPlatform: true, cpu: 1, memory: '512MiB', concurrency: 4, maxInstances: 2, timeoutSeconds: 90 },
  async ({ id }, { transaction, functions, invoke, caller, now }) => {
    const stored = await transaction(({ tx }) => loadDeadLetter(tx, id, now));
    if (stored === undefined) return { problem: 'not-found', detail: 'there is no such dead letter' };
    const { function: name, eventId, orderingKey } = stored.view;
    if (functions[name] === undefined)
      return { problem: 'function-gone', detail: `${name} does not exist any more: nothing can take this event` };

    const answer = await invoke(name, '/', {
      method: 'POST',
      headers: { [REDRIVE_HEADER]: 'true' },
      body: pushRequestOf({ eventId, orderingKey, ...stored.message }, name),
      deadlineMs: DELIVERY_DEADLINE_MS,
    });
    const outcome = answer.answered
      ? outcomeOf(answer.status, answer.body)
      : { kind: 'still-failing' as const, error: answer.error };
    const error = outcome.kind === 'still-failing' ? outcome.error : undefined;
    const after = await transaction(async ({ tx }) => {
      await noteRedrive(tx, id, { error, by: caller.id, at: now });
      return loadDeadLetter(tx, id, now);
    });
    if (error !== undefined) return { problem: 'still-failing', detail: error };
    if (after === undefined) throw new Error(`dead letter ${id} went away while it was redriven`);
    return after.view;
  },
);
