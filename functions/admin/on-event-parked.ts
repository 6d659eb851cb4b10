import { eventParked } from '#contracts/kit/event-parked.ts';
import { eventFunction } from '#core/function.ts';
import { keepDeadLetter } from './store/dead-letters.ts';

export default eventFunction(
  eventParked,
  { onPoison: 'skip', cpu: 1, memory: '512MiB', concurrency: 10, maxInstances: 2 },
  async ({ parkedAt, ...parked }, { tx, newId }) =>
    keepDeadLetter(tx, {
      ...parked,
      id: newId(),
      kind: 'parked',
      tenant: parked.tenant,
      orderingKey: parked.orderingKey,
      failedAt: new Date(parkedAt),
    }),
);
