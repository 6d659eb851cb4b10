import { grantMandate } from '#contracts/ai/api.ts';
import { mandateGranted } from '#contracts/ai/events.ts';
import { httpFunction } from '#core/function.ts';
import { refusalOf } from './domain/mandate.ts';
import { loadInstrument } from './store/instruments.ts';
import { insertMandate } from './store/mandates.ts';

export default httpFunction(
  grantMandate,
  { emits: [mandateGranted], cpu: 1, memory: '512MiB', concurrency: 40, maxInstances: 5 },
  async (terms, { tx, tenant, now, newId, caller, publish }) => {
    const refusal = refusalOf(terms.instrument, await loadInstrument(tx, terms.instrument));
    if (refusal !== undefined) return { problem: refusal.reason, detail: refusal.detail };
    const mandate = { mandateId: newId(), ...terms, grantedBy: caller.id, grantedAt: now.toISOString() };
    if (!(await insertMandate(tx, tenant, mandate))) {
      const { strategy, instrument, book } = terms;
      return { problem: 'mandate-exists', detail: `${strategy} may trade ${instrument} in ${book} already` };
    }
    publish(mandateGranted, mandate);
    return { mandateId: mandate.mandateId };
  },
);
