import { type FaultRule, type FaultyService, faultRule } from './rule.ts';

/** A rule and how many requests it has struck. */
export type ArmedFault = FaultRule & { struck: number };

interface Armed {
  rule: FaultRule;
  struck: number;
  /** From 0 to 1, the same sequence for the same seed. */
  draw(): number;
}

// One set for each process: every service is to be struck where its requests come in, and a process is one service.
let armed: Armed[] = [];

/** Arms a fault until it has struck as often as it says, or all are cleared. Throws a ZodError where it is no rule. */
export function addFault(rule: unknown): ArmedFault {
  const parsed = faultRule.parse(rule);
  armed.push({ rule: parsed, struck: 0, draw: sequenceOf(parsed.seed) });
  return { ...parsed, struck: 0 };
}

export function listFaults(): ArmedFault[] {
  return armed.map(({ rule, struck }) => ({ ...rule, struck }));
}

export function clearFaults(): void {
  armed = [];
}

/** What is to go wrong with this request, if anything: of several rules that strike, the first. */
export function strike(service: FaultyService, method: string): FaultRule | undefined {
  if (armed.length === 0) return undefined;
  let first: Armed | undefined;
  for (const each of armed) {
    const { rule } = each;
    if (rule.service !== service || (rule.method !== '*' && rule.method !== method)) continue;
    // Each draws for every request of its own, so that what it strikes does not hang on the others.
    const strikes = each.draw() < rule.share && each.struck < (rule.count ?? Number.POSITIVE_INFINITY);
    if (strikes) first ??= each;
  }
  if (first !== undefined) first.struck++;
  return first?.rule;
}

/** mulberry32. */
function sequenceOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
