import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BucketSettings } from './buckets/settings.ts';
import { type Answer, errorAnswer, send } from './http/answer.ts';
import { type Call, callOf } from './http/call.ts';
import { bucketCors, bucketPreflight, jsonCors, jsonPreflight } from './http/cors.ts';
import { cutAfter } from './http/cut-stream.ts';
import { fieldSelector } from './http/partial-response.ts';
import { Refusal } from './http/refusal.ts';
import { findMethod, isJsonPath } from './json-api.ts';
import type { Fault, RetryTests } from './retry-test/retry-tests.ts';
import type { Service } from './service.ts';
import { struckAnswer } from './struck-answer.ts';
import { xmlErrorAnswer } from './xml/error.ts';
import { findXmlMethod } from './xml/methods.ts';
import { targetOf } from './xml/target.ts';

/** Answers one request, whichever of the APIs it is for. */
export async function serve(
  service: Service,
  retryTests: RetryTests | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const call = callOf(request);
  let toAnswer = errorAnswer;
  try {
    const aside = await answerAside(retryTests, call);
    if (aside !== undefined) return await send(response, aside);
    const isXml = !isJsonPath(call.path);
    if (isXml) toAnswer = (error) => xmlErrorAnswer(call, error);
    if (call.method === 'OPTIONS') return await send(response, preflight(service, call, isXml));
    setHeaders(response, isXml ? bucketCors(call, corsRules(service, call)) : jsonCors(call));
    const method = isXml ? findXmlMethod(call) : findMethod(call);
    const fault = retryTests?.next(call, method.id);
    if (fault?.kind === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === 'answer' && fault.afterBytes === 0) throw failureWanted(fault.status);
    const select = fieldSelector(call.query.get('fields'));
    const asked = { ...call, fault: fault?.kind === 'answer' ? fault : undefined };
    const answer = await struckAnswer(method.id, asked, (each) => method.answer(service, each));
    if (answer === undefined) {
      request.socket.resetAndDestroy();
      return;
    }
    await service.store.settled();
    const shown = answer.json === undefined ? answer : { ...answer, json: select(answer.json) };
    await send(response, spoilt(shown, fault));
  } catch (error) {
    await sendFailure(service, call, response, error, toAnswer);
  } finally {
    // A body that was refused half-way is read to its end: its sender would never come to read the answer otherwise.
    request.resume();
  }
}

async function answerAside(retryTests: RetryTests | undefined, call: Call): Promise<Answer | undefined> {
  if (call.path === '/healthz') return { json: { status: 'ok' } };
  return retryTests?.answer(call);
}

function preflight(service: Service, call: Call, isXml: boolean): Answer {
  return isXml ? bucketPreflight(call, corsRules(service, call)) : jsonPreflight(call);
}

function corsRules({ store }: Service, call: Call): BucketSettings['cors'] {
  return store.state.bucket(targetOf(call).bucket ?? '')?.bucket.settings.cors;
}

/** They are sent with whatever the request is answered. */
function setHeaders(response: ServerResponse, headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function failureWanted(status: number): Refusal {
  return new Refusal(status, 'backendError', `The test of retries wants ${status} here.`);
}

function spoilt(answer: Answer, fault: Fault | undefined): Answer {
  if (fault?.kind !== 'broken-stream' || answer.stream === undefined) return answer;
  const cut = cutAfter(fault.afterBytes);
  answer.stream.on('error', (error) => cut.destroy(error));
  return { ...answer, stream: answer.stream.pipe(cut) };
}

async function sendFailure(
  service: Service,
  call: Call,
  response: ServerResponse,
  error: unknown,
  toAnswer: (error: unknown) => Answer,
): Promise<void> {
  // Who has gone, or has half an answer, can only be cut off.
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (!(error instanceof Refusal)) service.warn('a request failed', { path: call.path, error: describe(error) });
  await send(response, toAnswer(error));
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
