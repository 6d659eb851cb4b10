import type { Facts } from './facts.ts';
import type { Reason } from './reasons.ts';

export type Inputs = { [name: string]: string | number | boolean | null };

/** What a check found, and what it went by. */
export interface Judgement {
  passed: boolean;
  inputs: Inputs;
  /** Why not. */
  detail?: string;
}

/** One limit on what may be traded. It knows nothing of the others. */
export interface Check {
  reason: Reason;
  judge: (facts: Facts) => Judgement;
}

export function passed(inputs: Inputs = {}): Judgement {
  return { passed: true, inputs };
}

export function failed(inputs: Inputs, detail: string): Judgement {
  return { passed: false, inputs, detail };
}

/** Passes where `holds`, otherwise fails with what `detail` says. */
export function judged(holds: boolean, inputs: Inputs, detail: string): Judgement {
  return holds ? passed(inputs) : failed(inputs, detail);
}
