import type { LocalPlan } from '../../infra/local-plan.ts';
import type { LocalSecrets } from './secrets.ts';

const NOT_FOUND = 404;
const CONFLICT = 409;

/**
 * Gives each of the plan's secrets, through Secret Manager's own API, a version with the value that functions are started
 * with, unless its latest has it.
 */
export async function provisionSecrets(
  plan: LocalPlan,
  { variables }: LocalSecrets,
  managerUrl: string,
): Promise<void> {
  const parent = `${managerUrl}/v1/projects/${plan.project}/secrets`;
  await Promise.all(
    Object.entries(plan.secrets).map(async ([secretId, planned]) => {
      const value = Buffer.from(variables[secretId] ?? planned).toString('base64');
      const latest = await fetch(`${parent}/${secretId}/versions/latest:access`);
      if (latest.ok && ((await latest.json()) as { payload?: { data?: string } }).payload?.data === value) return;
      if (latest.status === NOT_FOUND) await post(`${parent}?secretId=${secretId}`, { replication: { automatic: {} } });
      await post(`${parent}/${secretId}:addVersion`, { payload: { data: value } });
    }),
  );
}

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok && response.status !== CONFLICT)
    throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}
