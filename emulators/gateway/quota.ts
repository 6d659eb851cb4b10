import type { ApiOperation, QuotaLimit } from './api.ts';
import type { Refusal } from './refusal.ts';

const MINUTE_MS = 60_000;

/** Whose use is counted where no API key was sent: the project that owns the API. */
const OWN_PROJECT = 'the API itself';

/** Counts each metric per consumer (an API key stands for its project) and minute, the only period API Gateway has. */
export class QuotaCounters {
  readonly #scale: number;
  readonly #used = new Map<string, number>();
  #minute = 0;

  /** `scale` multiplies every limit: a bench or a replay may need more than the document allows a consumer. */
  constructor(scale: number) {
    this.#scale = scale;
  }

  /** Takes what the operation costs, or nothing where any limit would be passed. Undefined: taken. */
  take(
    limits: readonly QuotaLimit[],
    operation: ApiOperation,
    consumer: string | undefined,
    nowMs: number,
  ): Refusal | undefined {
    if (operation.costs.length === 0) return undefined;
    this.#startMinute(Math.floor(nowMs / MINUTE_MS));
    for (const { metric, cost } of operation.costs) {
      const exceeded = limits.find(
        (limit) => limit.metric === metric && this.#usedOf(metric, consumer) + cost > limit.perMinute * this.#scale,
      );
      if (exceeded !== undefined) return quotaExceeded(exceeded, consumer, nowMs);
    }
    for (const { metric, cost } of operation.costs) {
      this.#used.set(counterName(metric, consumer), this.#usedOf(metric, consumer) + cost);
    }
    return undefined;
  }

  #startMinute(minute: number): void {
    if (minute === this.#minute) return;
    this.#minute = minute;
    this.#used.clear();
  }

  #usedOf(metric: string, consumer: string | undefined): number {
    return this.#used.get(counterName(metric, consumer)) ?? 0;
  }
}

function counterName(metric: string, consumer: string | undefined): string {
  return `${metric} ${consumer ?? OWN_PROJECT}`;
}

function quotaExceeded(limit: QuotaLimit, consumer: string | undefined, nowMs: number): Refusal {
  const seconds = Math.ceil((MINUTE_MS - (nowMs % MINUTE_MS)) / 1000);
  const who = consumer === undefined ? OWN_PROJECT : 'the project of the API key';
  return {
    code: 429,
    message: `RESOURCE_EXHAUSTED: Quota exceeded for quota metric '${limit.metric}' and limit '${limit.name}' for ${who}.`,
    headers: { 'retry-after': String(seconds) },
  };
}
