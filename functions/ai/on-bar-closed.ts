import { signalGenerated } from '#contracts/ai/events.ts';
import { toNumber } from '#contracts/kit/decimal.ts';
import { barClosed } from '#contracts/market/events.ts';
import { eventFunction } from '#core/function.ts';
import { TransientFailure } from '#core/problem.ts';
import { MODEL_VERSION, observe } from './domain/model.ts';
import { loadModel, loadRoutes, saveModel } from './store/models.ts';

/** Adds a bar to its instrument's model, once for all tenants, and says what it thinks under each mandate that asked. */
export default eventFunction(
  barClosed,
  { onPoison: 'park-key', emits: [signalGenerated], cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 10 },
  async ({ instrument, sequence, close, closedAt }, { tx, newId, publish }) => {
    const stored = await loadModel(tx, instrument, MODEL_VERSION);
    if (stored !== undefined && sequence <= stored.sequence) return;
    const { state, spoken, volatility, features } = observe(stored?.state, toNumber(close));

    const opinions = new Map(spoken.map((opinion) => [opinion.strategy, opinion]));
    // Sent together: the few bars that speak cost no round trip more than those that do not.
    const [saved, routes] = await Promise.all([
      saveModel(tx, instrument, MODEL_VERSION, stored, { sequence, state }),
      loadRoutes(tx, instrument, [...opinions.keys()]),
    ]);
    if (!saved) throw new TransientFailure(`the model of ${instrument} has seen another bar meanwhile`);

    for (const route of routes) {
      const opinion = opinions.get(route.strategy);
      if (opinion === undefined) continue;
      publish(
        signalGenerated,
        {
          signalId: newId(),
          mandateId: route.mandateId,
          strategy: route.strategy,
          instrument,
          book: route.book,
          purpose: 'STRATEGY',
          side: opinion.side,
          confidence: opinion.confidence,
          price: close,
          decidedAt: { instrument, sequence, observedAt: closedAt },
          volatility,
          maxPositionLots: route.maxPositionLots,
          modelVersion: MODEL_VERSION,
          features,
        },
        { tenant: route.tenant },
      );
    }
  },
);
