/** What a plan gives an organisation of the machines that all share. */
export interface PlanShare {
  /** Its part of the work, against the other plans'. */
  weight: number;
  /** Runs of one organisation at a time. */
  runsAtOnce: number;
}

const SHARES: Readonly<Record<string, PlanShare>> = {
  trial: { weight: 1, runsAtOnce: 1 },
  standard: { weight: 2, runsAtOnce: 2 },
  professional: { weight: 4, runsAtOnce: 4 },
  enterprise: { weight: 8, runsAtOnce: 8 },
};
const STANDARD: PlanShare = { weight: 2, runsAtOnce: 2 };

/** A plan that is not known counts as the standard one. */
export function shareOf(plan: string): PlanShare {
  return Object.hasOwn(SHARES, plan) ? (SHARES[plan] ?? STANDARD) : STANDARD;
}
