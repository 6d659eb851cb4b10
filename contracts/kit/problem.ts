import * as z from 'zod';

/** Problems any operation may answer, with their HTTP status. A code that an operation adds answers 409 unless it stands below. */
export const STATUS_BY_PROBLEM = {
  'invalid-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'version-changed': 412,
  'too-large': 413,
  'idempotency-key-reused': 422,
  'version-required': 428,
  'quota-exceeded': 429,
  'internal-error': 500,
  unavailable: 503,
  'deadline-exceeded': 504,
} as const satisfies Record<string, number>;

/** What every operation may answer without declaring it. */
export type CommonProblem = keyof typeof STATUS_BY_PROBLEM;

/** Problems that an operation must declare and that answer something other than 409. */
const STATUS_BY_DECLARED_PROBLEM: Record<string, number> = {
  'invalid-credentials': 401,
  'invalid-refresh-token': 401,
  'too-many-attempts': 429,
  'still-failing': 502,
  'unknown-cell': 422,
  'empty-cell': 422,
  'input-twice': 422,
  'not-an-input': 422,
  'not-an-output': 422,
  'impossible-parameter': 422,
  'impossible-settings': 422,
  'unsupported-formula': 422,
  'bad-formula': 422,
  'bad-input': 422,
  cycle: 422,
  'workbook-refused': 422,
  'bad-position': 422,
  'bad-moves': 422,
  'too-few-days': 422,
  'history-needed': 422,
  'bad-setting': 422,
  'storage-quota-exceeded': 413,
};

export function statusOf(code: string): number {
  return code in STATUS_BY_PROBLEM
    ? STATUS_BY_PROBLEM[code as CommonProblem]
    : (STATUS_BY_DECLARED_PROBLEM[code] ?? 409);
}

/** RFC 9457 problem details, as every refusal and failure over HTTP is answered. */
export const problemDetails = z.object({
  type: z.string(),
  code: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string().optional(),
  traceId: z.string().optional(),
  /** For `invalid-request`: every field that does not fit, by its path. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  /** For `storage-quota-exceeded` and `too-large`: how much there is room for. */
  bytesLeft: z.int().min(0).optional(),
});
export type ProblemDetails = z.infer<typeof problemDetails>;

export function problemType(code: string): string {
  return `https://millrace.dev/problems/${code}`;
}
