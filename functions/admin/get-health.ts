import * as z from 'zod';
import { getHealth } from '#contracts/admin/api.ts';
import { httpFunction } from '#core/function.ts';
import type { InvokeAnswer } from '#core/invoke.ts';
import { contextHealth, type FunctionHealth, platformStatus, spokesmen } from './domain/health.ts';
import { countWaiting } from './store/dead-letters.ts';

/** A function that has to start first is given that long. */
const PROBE_DEADLINE_MS = 8_000;

const functionHealth = z.object({
  status: z.enum(['ok', 'degraded', 'down']),
  checks: z.record(z.string(), z.string()),
});

export default httpFunction(
  getHealth,
  { operatesPlatform: true, cpu: 1, memory: '512MiB', concurrency: 20, maxInstances: 2 },
  async (_, { functions, invoke, transaction, now }) => {
    const probes = [...spokesmen(Object.keys(functions))].map(async ([context, name]) => {
      const answer = await invoke(name, '/health', { deadlineMs: PROBE_DEADLINE_MS });
      return contextHealth(context, name, readAnswer(answer));
    });
    const [contexts, waiting] = await Promise.all([Promise.all(probes), transaction(({ tx }) => countWaiting(tx))]);
    return { status: platformStatus(contexts), checkedAt: now.toISOString(), contexts, waiting };
  },
);

function readAnswer(answer: InvokeAnswer): FunctionHealth | { unanswered: string } {
  if (!answer.answered) return { unanswered: answer.error };
  const read = parseJson.pipe(functionHealth).safeParse(answer.body);
  return read.success ? read.data : { unanswered: `answered ${answer.status}, and nothing about its health` };
}

const parseJson = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    context.addIssue(String(error));
    return z.NEVER;
  }
});
