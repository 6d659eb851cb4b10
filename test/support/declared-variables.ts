import { bucketVariable, jobVariable } from '#core/declared-variables.ts';
import { bucketsOf, type Manifest } from '#core/manifest.ts';
import { TENANT_KEY_RING } from '#core/tenant-key.ts';
import { bucketName } from '../../infra/components/bucket-rules.ts';

export const PROJECT = 'millrace-test';
export const REGION = 'local';

export const serviceAccountOf = (context: string) => `${context}@${PROJECT}.iam.gserviceaccount.com`;

/** What infra/ tells a context beside its own variables. */
export function declaredVariable(name: string, context: string, manifest: Manifest): string | undefined {
  if (name === 'SERVICE_ACCOUNT') return serviceAccountOf(context);
  if (name === 'GOOGLE_CLOUD_PROJECT') return PROJECT;
  if (name === 'REGION') return REGION;
  if (name === 'CLAMD_HOST') return '';
  return namesIn(manifest)[name];
}

/** What every job's process finds this machine's services by, and the variables that a function would ask for by name. */
export function jobEnvironment(manifest: Manifest, variables: Record<string, string> = {}): Record<string, string> {
  const services = [
    'PUBSUB_EMULATOR_HOST',
    'FIRESTORE_EMULATOR_HOST',
    'STORAGE_EMULATOR_HOST',
    'KMS_ENDPOINT',
    'METADATA_SERVER_DETECTION',
    'LOG_LEVEL',
  ];
  const found = services.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(found), ...namesIn(manifest), ...variables };
}

/** The full names of buckets, jobs and the ring of keys, by variable. */
function namesIn(manifest: Manifest): Record<string, string> {
  const buckets = bucketsOf(manifest).map((name) => [bucketVariable(name), bucketName(PROJECT, name)]);
  const jobs = manifest.jobs.map(({ name, declaration }) => [
    jobVariable(declaration.contract.name),
    `projects/${PROJECT}/locations/${REGION}/jobs/${name}`,
  ]);
  const ring = `projects/${PROJECT}/locations/${REGION}/keyRings/tenants`;
  return { ...Object.fromEntries([...buckets, ...jobs]), [TENANT_KEY_RING]: ring };
}
