import { hash } from 'node:crypto';
import type { Request, Response } from '@google-cloud/functions-framework';
import { objectNotification } from '#contracts/kit/object-notification.ts';
import { hasBody, operationKey } from '#contracts/kit/operation.ts';
import { type ProblemDetails, statusOf } from '#contracts/kit/problem.ts';
import { matchPath } from '#contracts/kit/request.ts';
import { type Caller, mayCall, readCaller } from './auth.ts';
import { isTransient, type Statement, type Transaction } from './database.ts';
import { idOf } from './determinism.ts';
import { EffectUnsettled, runEffect } from './effect-runner.ts';
import { type HttpFunction, isOpen } from './function.ts';
import { type Invocation, invocation as invocationOf, type Runtime } from './invocation.ts';
import { openContext } from './open-context.ts';
import { fieldErrors, problem, TransientFailure } from './problem.ts';
import { takeQuota } from './quota.ts';
import { endSpan, SpanKind, startSpan, traceparentOf } from './trace.ts';
import { type Committed, setTenant, unitOfWork } from './unit-of-work.ts';

/** A JSON body above this is refused: files travel by signed URL. */
const MAX_BODY_BYTES = 1_000_000;

/** What is sent back; stored under the idempotency key as it is. */
interface Answer {
  status: number;
  body: unknown;
  headers: Record<string, string>;
}

/** Answers one HTTP request: who may, how often, whether it fits the contract, and whether it was answered before. */
export async function serveHttp(
  declaration: HttpFunction,
  runtime: Runtime,
  request: Request,
  response: Response,
): Promise<void> {
  const { contract } = declaration;
  const header = (name: string) => request.header(name) ?? undefined;
  const caller = readCaller(header, contract.audience);
  const tenant = caller === undefined || caller.tenant === '' ? undefined : caller.tenant;
  const span = startSpan(runtime.name, header('traceparent'), SpanKind.SERVER, {
    'http.request.method': contract.method,
    'http.route': contract.path,
    ...(tenant === undefined ? {} : { tenant }),
  });
  const traceId = traceparentOf(span).split('-')[1] ?? '';
  const refuse = (
    code: string,
    detail: string,
    more: { errors?: { path: string; message: string }[]; headers?: Record<string, string> } = {},
  ) =>
    answerWith(response, span, {
      status: statusOf(code),
      body: problem(code, detail, {
        traceId,
        instance: request.path,
        ...(more.errors === undefined ? {} : { errors: more.errors }),
      }),
      headers: more.headers ?? {},
    });

  const parameters = matchPath(contract, request.path);
  if (parameters === undefined) return refuse('not-found', `there is no ${request.path} here`);
  if (request.method !== contract.method)
    return refuse('method-not-allowed', `${request.path} takes ${contract.method}`);
  const permitted = mayCall(contract.roles, caller);
  if (permitted === 'unauthenticated')
    return refuse('unauthenticated', 'send a valid access token', { headers: { 'www-authenticate': 'Bearer' } });
  if (permitted === 'forbidden')
    return refuse(
      'forbidden',
      `this takes one of the roles ${Array.isArray(contract.roles) ? contract.roles.join(', ') : ''}`,
    );
  if (Number(header('content-length') ?? 0) > MAX_BODY_BYTES)
    return refuse('too-large', `a body has at most ${MAX_BODY_BYTES} bytes`);

  const key = operationKey(contract);
  const idempotencyKey = hasBody(contract.method) && !contract.secretAnswer ? header('idempotency-key') : undefined;
  const cause =
    declaration.deployment.takesObjectsOf === undefined
      ? causeOf(key, caller, tenant, idempotencyKey)
      : causeOfObject(key, request.body);
  const invocation = invocationOf(runtime, cause, new Date(), tenant, span);
  try {
    if (contract.audience === 'public') {
      const subject = `${key}|${caller?.id ?? request.ip ?? 'anonymous'}`;
      const quota = await takeQuota(
        runtime.config,
        subject,
        caller?.plan ?? 'standard',
        contract.quotaPerMinute,
        Date.now(),
      );
      if (quota.kind === 'exceeded') {
        const detail = `at most ${contract.quotaPerMinute} such requests a minute on the standard plan`;
        return refuse('quota-exceeded', detail, { headers: { 'retry-after': String(quota.retryAfterSeconds) } });
      }
    }
    const given = hasBody(contract.method) ? request.body : request.query;
    if (hasBody(contract.method) && !isObject(given))
      return refuse('invalid-request', 'send a JSON object', {
        errors: [{ path: '', message: 'must be a JSON object' }],
      });
    const parsed = contract.input.safeParse({ ...(given as object), ...parameters });
    if (!parsed.success) return refuse('invalid-request', 'see errors', { errors: fieldErrors(parsed.error) });

    const requestContext = { caller, ifMatch: header('if-match')?.replaceAll('"', ''), idempotencyKey, header };
    const stored = {
      operation: key,
      caller: caller?.id ?? '',
      key: idempotencyKey ?? null,
      requestHash: hash('sha256', JSON.stringify(parsed.data)),
    };
    const handled = isOpen(declaration.deployment)
      ? await handleOpen(declaration, invocation, parsed.data, requestContext, stored)
      : await handleInTransaction(declaration, invocation, parsed.data, requestContext, stored);
    if (handled === 'key-reused')
      return refuse('idempotency-key-reused', 'this key came with another request before: use a new one');
    return answerWith(response, span, handled);
  } catch (error) {
    if (error instanceof TransientFailure || error instanceof EffectUnsettled || isTransient(error)) {
      invocation.log.warn({ error: String(error) }, 'request not answered: unavailable');
      return refuse('unavailable', 'try again in a moment', { headers: { 'retry-after': '1' } });
    }
    invocation.log.error({ error: error instanceof Error ? error.stack : String(error) }, 'request failed');
    return refuse('internal-error', 'the failure is recorded under this trace id');
  }
}

type StoredUnder = { operation: string; caller: string; key: string | null; requestHash: string };
type Opened = { request_hash: string; status: number; response: Answer };

async function handleInTransaction(
  declaration: HttpFunction,
  invocation: Invocation,
  input: unknown,
  requestContext: object,
  stored: StoredUnder,
): Promise<Answer | 'key-reused'> {
  const committed = await unitOfWork(
    invocation,
    (tx) => openRequest(tx, invocation, stored),
    async (context, [before]) => {
      if (before !== undefined) return before.request_hash === stored.requestHash ? before.response : 'key-reused';
      const answer = toAnswer(
        declaration,
        invocation,
        await declaration.handle(input as never, { ...context, ...requestContext } as never),
      );
      await remember(context.tx, stored, answer);
      return answer;
    },
  );
  await afterCommit(invocation, committed);
  return committed.result;
}

async function handleOpen(
  declaration: HttpFunction,
  invocation: Invocation,
  input: unknown,
  requestContext: object,
  stored: StoredUnder,
): Promise<Answer | 'key-reused'> {
  const looked = await unitOfWork(
    invocation,
    (tx) => openRequest(tx, invocation, stored),
    async (_, [before]) => before,
  );
  if (looked.result !== undefined)
    return looked.result.request_hash === stored.requestHash ? looked.result.response : 'key-reused';
  const context = { ...openContext(declaration.deployment, invocation), ...requestContext };
  const answer = toAnswer(declaration, invocation, await declaration.handle(input as never, context as never));
  if (stored.key !== null) {
    await unitOfWork(
      invocation,
      (tx) => setTenant(tx, invocation.tenant),
      ({ tx }) => remember(tx, stored, answer),
    );
  }
  return answer;
}

/** The commit stands: a Pub/Sub that is away, or an effect that is unsettled, is the sweep's to finish and no reason to answer an error. */
async function afterCommit(invocation: Invocation, { sent, effects }: Committed<unknown>): Promise<void> {
  try {
    await sent;
    for (const effect of effects) await runEffect(invocation, effect, true);
  } catch (error) {
    invocation.log.warn({ error: String(error) }, 'committed, but not all is sent yet: the sweep will');
  }
}

function openRequest(
  tx: Transaction,
  { tenant }: Invocation,
  { operation, caller, key }: StoredUnder,
): Statement<Opened> {
  return tx<Opened[]>`select * from open_request(${tenant ?? null}, ${operation}, ${caller}, ${key})`;
}

async function remember(
  tx: Transaction,
  { operation, caller, key, requestHash }: StoredUnder,
  answer: Answer,
): Promise<void> {
  if (key === null) return;
  await tx`insert into idempotency_keys (tenant, operation, caller, key, request_hash, status, response)
    values (current_tenant(), ${operation}, ${caller}, ${key}, ${requestHash}, ${answer.status}, ${tx.json(answer as never)})
    on conflict do nothing`;
}

/** A repeated request with the same key has the same cause, and so makes the same ids. */
function causeOf(
  operation: string,
  caller: Caller | undefined,
  tenant: string | undefined,
  idempotencyKey: string | undefined,
): string {
  return idempotencyKey === undefined
    ? crypto.randomUUID()
    : idOf('request', operation, caller?.id ?? '', tenant ?? '', idempotencyKey);
}

/** However often Cloud Storage tells of one generation of an object, the same ids are made. */
function causeOfObject(operation: string, body: unknown): string {
  const told = objectNotification.safeParse(body);
  if (!told.success) return crypto.randomUUID();
  const { bucketId, objectId, objectGeneration, eventType } = told.data.message.attributes;
  return idOf('object', operation, bucketId, objectId, objectGeneration, eventType);
}

/** Throws where the handler's output does not fit its contract: that is our error, not the caller's. */
function toAnswer({ contract }: HttpFunction, { span }: Invocation, result: unknown): Answer {
  if (isObject(result) && typeof result.problem === 'string' && 'detail' in result) {
    const [, traceId = ''] = traceparentOf(span).split('-');
    const body: ProblemDetails = problem(result.problem, String(result.detail), {
      traceId,
      ...(typeof result.bytesLeft === 'number' ? { bytesLeft: result.bytesLeft } : {}),
    });
    return { status: body.status, body, headers: {} };
  }
  const body = contract.output.parse(result);
  const version = contract.versionField === undefined || !isObject(body) ? undefined : body[contract.versionField];
  return {
    status: contract.status,
    body,
    headers: { ...(version === undefined ? {} : { etag: `"${String(version)}"` }), ...sunsetHeaders(contract.sunset) },
  };
}

/** RFC 9745 and RFC 8594. */
function sunsetHeaders(sunset: HttpFunction['contract']['sunset']): Record<string, string> {
  if (sunset === undefined) return {};
  return {
    deprecation: `@${Math.floor(Date.parse(sunset.deprecatedAt) / 1_000)}`,
    sunset: new Date(sunset.removedAt).toUTCString(),
    ...(sunset.successor === undefined ? {} : { link: `<${sunset.successor}>; rel="successor-version"` }),
  };
}

function answerWith(response: Response, span: ReturnType<typeof startSpan>, { status, body, headers }: Answer): void {
  span.setAttribute('http.response.status_code', status);
  endSpan(span, status >= 500 ? `status ${status}` : undefined);
  response.status(status).set({ ...headers, traceparent: traceparentOf(span) });
  response.type(status >= 400 ? 'application/problem+json' : 'application/json').send(JSON.stringify(body));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
