import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { JobEntry, Manifest } from '../../functions/core/manifest.ts';
import { jobBehind } from '../../functions/core/manifest-problems.ts';
import type { Bundle } from '../bundle.ts';
import { accountOf } from './accounts.ts';
import { jobsStartedBy, secretVariablesOf, variablesOf } from './environment.ts';
import type { Platform } from './functions.ts';
import { mounted, NODE_IMAGE, SOURCES_MOUNT, surroundings } from './job-surroundings.ts';
import { secretReference } from './migrations.ts';
import { checkName } from './naming.ts';

/**
 * NVIDIA's own: the run-time libraries of CUDA 12.2, NVRTC among them. Cloud Run's driver for the L4 is 535, which takes nothing newer:
 * https://cloud.google.com/run/docs/configuring/jobs/gpu
 */
const CUDA_IMAGE = 'docker.io/nvidia/cuda:12.2.2-runtime-ubuntu22.04';
/** One execution works on one thing at a time, with a second connection while a transaction is open. */
export const JOB_CONNECTIONS = 2;

/**
 * Unpacks the job's bundle and runs it; what is mounted may not be executed. The CUDA image has no Node, so that comes from the bucket too.
 */
const RUN_WITH_NODE = 'mkdir /tmp/job && tar -xzf "$0" -C /tmp/job && exec node /tmp/job/index.mjs';
const RUN_WITH_OWN_NODE =
  'mkdir /tmp/job && tar -xzf "$0" -C /tmp/job && cp "$1" /tmp/node && chmod 755 /tmp/node && exec /tmp/node /tmp/job/index.mjs';

/** A Cloud Run job for each declared one, under its context's account, and the right to start it for exactly those that declare it. */
export function createJobs(platform: Platform, bundleOf: (name: string) => Bundle, node: () => Bundle): void {
  const { manifest } = platform;
  const withGpu = manifest.jobs.some(({ declaration }) => declaration.deployment.gpu !== undefined);
  const nodeObject = withGpu ? uploadNode(platform, node()) : undefined;
  const jobs = new Map(
    manifest.jobs.map((entry) => [entry.name, createJob(platform, entry, bundleOf(entry.name), nodeObject)]),
  );
  for (const [context, name] of starters(manifest)) {
    const job = jobs.get(name);
    if (job !== undefined) letStart(platform, job, name, context);
  }
}

function createJob(
  platform: Platform,
  entry: JobEntry,
  bundle: Bundle,
  nodeObject: gcp.storage.BucketObject | undefined,
): gcp.cloudrunv2.Job {
  const { settings, accounts, buckets } = platform;
  const { name, context, declaration } = entry;
  checkName('job', name);
  const { cpu = 1, memory = '512MiB', gpu, timeoutSeconds = 600, maxRetries = 3 } = declaration.deployment;
  const source = new gcp.storage.BucketObject(`${name}-source`, {
    bucket: buckets.sources.name,
    name: `jobs/${name}/${bundle.hash}.tgz`,
    source: new pulumi.asset.FileAsset(bundle.archive),
  });
  const secretVariables = secretVariablesOf(platform.secrets, entry);
  const plain = { ...variablesOf(platform, entry), DATABASE_MAX_CONNECTIONS: String(JOB_CONNECTIONS) };
  const needsNode = gpu !== undefined && nodeObject !== undefined;
  return new gcp.cloudrunv2.Job(
    name,
    {
      name,
      location: settings.region,
      deletionProtection: false,
      labels: { context, kind: 'job' },
      template: {
        taskCount: 1,
        template: {
          serviceAccount: accountOf(accounts.contexts, context).email,
          maxRetries,
          timeout: `${timeoutSeconds}s`,
          // Redundancy would hold a second GPU ready for what can as well run a little later.
          ...(gpu === undefined ? {} : { nodeSelector: { accelerator: gpu }, gpuZonalRedundancyDisabled: true }),
          containers: [
            {
              image: gpu === undefined ? NODE_IMAGE : CUDA_IMAGE,
              commands: ['/bin/sh'],
              args: needsNode
                ? ['-c', RUN_WITH_OWN_NODE, mounted(source), mounted(nodeObject)]
                : ['-c', RUN_WITH_NODE, mounted(source)],
              envs: [
                ...Object.entries(plain).map(([key, value]) => ({ name: key, value })),
                ...Object.entries(secretVariables).map(([key, secret]) => ({
                  name: key,
                  valueSource: secretReference(secret),
                })),
              ],
              resources: {
                limits: {
                  cpu: String(cpu),
                  memory: memory.replace('iB', 'i'),
                  ...(gpu === undefined ? {} : { 'nvidia.com/gpu': '1' }),
                },
              },
              volumeMounts: [SOURCES_MOUNT],
            },
          ],
          ...surroundings(platform),
        },
      },
    },
    {
      dependsOn: [
        ...platform.readyFor(context),
        ...buckets.sourceReaders,
        ...Object.values(secretVariables).flatMap(({ readers }) => readers),
      ],
    },
  );
}

/** Node for Linux on x86-64, the same for all jobs. */
function uploadNode({ buckets }: Platform, { hash, archive }: Bundle): gcp.storage.BucketObject {
  return new gcp.storage.BucketObject('node-binary', {
    bucket: buckets.sources.name,
    name: `node/${hash}`,
    source: new pulumi.asset.FileAsset(archive),
  });
}

/** Each context with each job that it may start. */
function starters(manifest: Manifest): [context: string, job: string][] {
  const contexts = new Set([...manifest.functions, ...manifest.jobs].map(({ context }) => context));
  return [...contexts].flatMap((context) =>
    jobsStartedBy(manifest, context).flatMap((contract): [string, string][] => {
      const started = jobBehind(manifest, contract);
      return started === undefined ? [] : [[context, started.name]];
    }),
  );
}

/** Starting takes the input along, as overrides; asking what became of it takes reading. */
function letStart({ accounts }: Platform, job: gcp.cloudrunv2.Job, name: string, context: string): void {
  const roles = { started: 'roles/run.jobsExecutorWithOverrides', seen: 'roles/run.viewer' };
  for (const [verb, role] of Object.entries(roles)) {
    new gcp.cloudrunv2.JobIamMember(`${name}-${verb}-by-${context}`, {
      project: job.project,
      location: job.location,
      name: job.name,
      role,
      member: accountOf(accounts.contexts, context).member,
    });
  }
}
