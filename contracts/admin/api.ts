import * as z from 'zod';
import { operation } from '../kit/operation.ts';
import { instant } from '../kit/trading-terms.ts';

const health = z.enum(['ok', 'degraded', 'down']);

export const getHealth = operation({
  method: 'GET',
  path: '/v1/admin/health',
  summary: 'Whether each context can do its work, and what it lacks',
  audience: 'public',
  roles: ['platform-admin', 'risk-officer'],
  input: z.strictObject({}),
  output: z.object({
    /** The worst of its contexts'. */
    status: health,
    checkedAt: instant,
    contexts: z.array(
      z.object({
        context: z.string(),
        status: health,
        /** The function that was asked for its context. */
        function: z.string(),
        /** What is wrong, such as `policy: unreachable: reductions only`. */
        reasons: z.array(z.string()),
      }),
    ),
    /** Parked events and dead letters that nobody has redriven yet. */
    waiting: z.int().min(0),
  }),
  quotaPerMinute: 120,
});

export const getTrace = operation({
  method: 'GET',
  path: '/v1/admin/traces/{traceId}',
  summary:
    "A trace as a waterfall; the caller's own organisation's spans, or all of them for the platform's administrator",
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({
    traceId: z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal digits'),
  }),
  output: z.object({
    traceId: z.string(),
    startedAt: instant,
    durationMs: z.number(),
    /** In waterfall order: each span under its parent, brothers by start. */
    spans: z.array(
      z.object({
        spanId: z.string(),
        /** Absent at a root, and where the parent is not the caller's to see. */
        parentSpanId: z.string().optional(),
        depth: z.int().min(0),
        name: z.string(),
        kind: z.string(),
        /** After the first span's start. */
        startMs: z.number(),
        durationMs: z.number(),
        tenant: z.string().optional(),
        error: z.string().optional(),
        attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
      }),
    ),
  }),
  problems: ['not-found'],
  quotaPerMinute: 60,
});

const deadLetterState = z.enum(['waiting', 'redriven']);

const deadLetter = z.object({
  id: z.uuid(),
  /** `parked`: the consumer said never. `dead-lettered`: Pub/Sub gave up after its attempts. */
  kind: z.enum(['parked', 'dead-lettered']),
  state: deadLetterState,
  function: z.string(),
  eventId: z.string(),
  eventType: z.string(),
  tenant: z.string().optional(),
  orderingKey: z.string().optional(),
  error: z.string(),
  /** Whether later events of its key wait behind it. */
  keyWaits: z.boolean(),
  failedAt: instant,
  ageSeconds: z.number().min(0),
  /** How often it was redriven, the last time with this outcome. */
  redrives: z.int().min(0),
  lastRedrivenAt: instant.optional(),
  lastRedrivenBy: z.string().optional(),
});

export const getDeadLetters = operation({
  method: 'GET',
  path: '/v1/admin/dead-letters',
  summary: 'Parked events and dead letters of every consumer, newest first',
  audience: 'public',
  roles: ['platform-admin'],
  input: z.strictObject({
    state: deadLetterState.optional(),
    function: z.string().max(64).optional(),
    /** `next` of the page before. */
    after: z
      .string()
      .regex(/^\d{1,18}$/)
      .optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  output: z.object({
    deadLetters: z.array(deadLetter),
    /** Absent on the last page. */
    next: z.string().optional(),
  }),
});

export const redrive = operation({
  method: 'POST',
  path: '/v1/admin/dead-letters/{id}/redrive',
  summary: 'Deliver an event again to the function that failed on it, under the same id',
  audience: 'public',
  roles: ['platform-admin'],
  input: z.strictObject({ id: z.uuid() }),
  output: deadLetter,
  problems: ['not-found', 'still-failing', 'function-gone'],
});
