import type { Manifest } from '../functions/core/manifest.ts';
import { functionsCalledBy } from '../functions/core/manifest-problems.ts';
import * as planned from './planned-resources.ts';
import type { Resource } from './recorder.ts';

/** A Cloud Run job that does a context's work, as its process sees itself. */
export interface LocalJob {
  name: string;
  context: string;
  /** Below functions/. */
  file: string;
  region: string;
  serviceAccount: string;
  env: Record<string, string>;
  calls: Record<string, string>;
  timeoutSeconds: number;
  maxRetries: number;
}

/** The jobs that contexts declare. `secrets`: values by secret id. */
export function jobsIn(
  resources: readonly Resource[],
  manifest: Manifest,
  secrets: Record<string, string>,
): LocalJob[] {
  const entries = new Map(manifest.jobs.map((entry) => [entry.name, entry]));
  return planned.jobs(resources).map(({ name, location, template: { template } }) => {
    const entry = entries.get(name);
    if (entry === undefined) throw new Error(`the graph has a job ${name} that no file declares`);
    const variables = template.containers[0].envs.map(({ name: key, value, valueSource }) => [
      key,
      value ?? secrets[valueSource?.secretKeyRef.secret ?? ''] ?? '',
    ]);
    return {
      name,
      context: entry.context,
      file: `${entry.context}/${entry.file}.ts`,
      region: location,
      serviceAccount: template.serviceAccount,
      env: Object.fromEntries(variables),
      calls: functionsCalledBy(manifest, entry),
      timeoutSeconds: Number.parseFloat(template.timeout),
      maxRetries: template.maxRetries,
    };
  });
}
