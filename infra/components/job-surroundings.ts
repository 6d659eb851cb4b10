import type * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Platform } from './functions.ts';

/** The image that runs what a job's bundle holds; its code comes from the bucket of sources, so nothing is built or pushed. */
export const NODE_IMAGE = 'docker.io/library/node:24.21.0-slim';

const MOUNT = '/sources';

/** Where a container sees the bucket of sources. */
export const SOURCES_MOUNT = { name: 'sources', mountPath: MOUNT };

/** Where a container finds an object of the bucket of sources. */
export function mounted(object: gcp.storage.BucketObject): pulumi.Output<string> {
  return pulumi.interpolate`${MOUNT}/${object.name}`;
}

/** What every job runs in: the bucket of sources beside it, and the private network around it. */
export function surroundings({ network, buckets }: Pick<Platform, 'network' | 'buckets'>) {
  return {
    volumes: [{ name: 'sources', gcs: { bucket: buckets.sources.name, readOnly: true } }],
    vpcAccess: {
      networkInterfaces: [{ network: network.id, subnetwork: network.subnet }],
      egress: 'ALL_TRAFFIC',
    },
  };
}
