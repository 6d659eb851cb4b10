import { setTimeout as delay } from 'node:timers/promises';
import { strike } from '../faults/faults.ts';
import type { Answer } from './http/answer.ts';
import type { Call } from './http/call.ts';
import { Refusal } from './http/refusal.ts';

/**
 * The answer to a call of this method, such as `storage.objects.insert`, as the faults that are armed would have it.
 * Undefined: none is to be given, and the connection is to be closed. Throws the failure that a fault wants.
 */
export async function struckAnswer(
  method: string,
  call: Call,
  handle: (call: Call) => Promise<Answer>,
): Promise<Answer | undefined> {
  const fault = strike('storage', method);
  if (fault === undefined) return handle(call);
  if (fault.kind === 'duplicate') return answerTwice(call, handle);
  const answer = fault.point === 'after' ? await handle(call) : undefined;
  if (fault.kind === 'delay') {
    await delay(fault.ms);
    return answer ?? handle(call);
  }
  answer?.stream?.destroy();
  if (fault.kind === 'drop') return undefined;
  throw new Refusal(Number(fault.code), 'backendError', `A fault wants ${fault.code} here.`);
}

async function answerTwice(call: Call, handle: (call: Call) => Promise<Answer>): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of call.body) chunks.push(chunk);
  const first = await handle({ ...call, body: again(chunks) }).catch(ignoreRefusal);
  first?.stream?.destroy();
  return handle({ ...call, body: again(chunks) });
}

async function* again(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

/** Nobody hears of the first answer, but a fault of this server's is to be heard of. */
function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof Refusal)) throw error;
}
