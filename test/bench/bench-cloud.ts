import type { CloudOptions } from '../../emulators/cloud/options.ts';
import { type OwnCloud, startOwnCloud } from '../journeys/support/own-cloud.ts';

/** Runs `work` on a fresh local cloud with free ports and a folder of its own, and leaves nothing of it. */
export async function withCloud<T>(changes: Partial<CloudOptions>, work: (cloud: OwnCloud) => Promise<T>): Promise<T> {
  const cloud = await startOwnCloud(changes);
  try {
    return await work(cloud);
  } finally {
    await cloud.close();
  }
}
