import * as z from 'zod';
import { documentStore } from '#core/firestore.ts';
import { TransientFailure } from '#core/problem.ts';

/** What clients follow while a run goes on. */
export interface ProgressDocument {
  simulationId: string;
  version: number;
  at: string;
  state: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  paths?: number;
  pathsDone?: number;
  pathsPerSecond?: number;
  secondsLeft?: number | undefined;
  failure?: { code: string; detail: string };
}

const versioned = z.object({ version: z.int() });

/**
 * Writes a run's document, `organizations/{tenant}/simulations/{id}`, unless it holds this version or a later one: events come twice,
 * and late. Throws a TransientFailure where the store cannot be reached: the event comes again.
 */
export async function project(tenant: string, progress: ProgressDocument): Promise<void> {
  const store = await documentStore();
  const document = store.doc(`organizations/${tenant}/simulations/${progress.simulationId}`);
  const written = store.runTransaction(async (transaction) => {
    const existing = versioned.safeParse((await transaction.get(document)).data());
    if (existing.success && existing.data.version >= progress.version) return;
    // What a later event does not say (the paths done, of a cancelled run) stays as it was.
    transaction.set(
      document,
      { ...progress, ...(progress.state === 'running' ? {} : { secondsLeft: 0 }) },
      { merge: true },
    );
  });
  await written.catch((cause: unknown) => {
    throw new TransientFailure('the progress of a simulation could not be written', { cause });
  });
}
