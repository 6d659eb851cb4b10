import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../settings.ts';

/** Where each function will answer, by name, before any of them exists. */
export type Addresses = (functionName: string) => pulumi.Output<string>;

/**
 * Cloud Run's deterministic address of a service, https://cloud.google.com/run/docs/triggering/https-request: one that is read off
 * the created service would make two functions that know each other wait for each other. It counts as an audience as well.
 */
export function addressesIn({ environment, project, region, hostPort }: Settings): Addresses {
  if (environment === 'local') return (name) => pulumi.output(`http://127.0.0.1:${hostPort ?? 0}/${name}`);
  const { number } = gcp.organizations.getProjectOutput({ projectId: project });
  return (name) => pulumi.interpolate`https://${name}-${number}.${region}.run.app`;
}
