import { takeDeadLetter } from '#contracts/admin/dead-letters.ts';
import { httpFunction } from '#core/function.ts';
import { originalAttributes, originOf } from './domain/dead-letter.ts';
import { keepDeadLetter } from './store/dead-letters.ts';

/** Pub/Sub says where a message failed and how often, never why: the function's own logs, by the event's id, do. */
export default httpFunction(
  takeDeadLetter,
  { cpu: 1, memory: '512MiB', concurrency: 10, maxInstances: 2 },
  async ({ message, subscription }, { tx, newId, now }) => {
    const origin = originOf(message.attributes) ?? { function: subscription ?? 'unknown', deliveries: 'many' };
    const attributes = originalAttributes(message.attributes);
    await keepDeadLetter(tx, {
      id: newId(),
      kind: 'dead-lettered',
      function: origin.function,
      eventId: attributes['ce-id'] ?? message.messageId,
      eventType: attributes['ce-type'] ?? 'unknown',
      tenant: attributes['ce-tenant'],
      orderingKey: message.orderingKey,
      keyWaits: false,
      error: `not processed in ${origin.deliveries} deliveries`,
      attributes,
      data: Buffer.from(message.data, 'base64').toString('utf8'),
      failedAt: message.publishTime === undefined ? now : new Date(message.publishTime),
    });
    return { kept: true as const };
  },
);
