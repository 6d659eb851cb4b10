import type { LocalPlan } from '../../infra/local-plan.ts';
import { administratorOf } from './administrator.ts';
import type { CloudOptions } from './options.ts';

/** Who there is, and under `--isolate` who may sign as whom. */
export function identitySettings(plan: LocalPlan, { isolate }: CloudOptions) {
  return {
    serviceAccounts: [...plan.serviceAccounts, administratorOf(plan)],
    ...(isolate ? { signers: plan.signers } : {}),
  };
}

/** Who may publish where. */
export function pubsubIam(plan: LocalPlan, identityUrl: string) {
  const publishers = { ...plan.publishers, '*': [administratorOf(plan)] };
  return { jwksUrl: `${identityUrl}/oauth2/v3/certs`, issuer: identityUrl, publishers };
}

/** Who may read and write documents. */
export function firestoreIam(plan: LocalPlan, identityUrl: string) {
  const { writers, readers } = plan.firestore;
  return { jwksUrl: `${identityUrl}/oauth2/v3/certs`, writers, readers };
}
