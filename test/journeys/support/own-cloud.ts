import { type Cloud, startCloud } from '../../../emulators/cloud/cloud.ts';
import { openControl } from '../../../emulators/cloud/control.ts';
import type { CloudOptions } from '../../../emulators/cloud/options.ts';
import { type CloudAccess, cloudAccess, newPlace, optionsFor, type Place } from './access.ts';

/** A local cloud whose supervisor is the test itself. */
export interface OwnCloud extends CloudAccess {
  cloud: Cloud;
  close(): Promise<void>;
}

/** Starts a cloud on free ports and in a folder of its own. `changes` may depend on the place: a proxy's address, say. */
export async function startOwnCloud(
  changes: Partial<CloudOptions> | ((place: Place) => Promise<Partial<CloudOptions>>) = {},
): Promise<OwnCloud> {
  const place = await newPlace();
  const cloud = await startCloud(optionsFor(place, typeof changes === 'function' ? await changes(place) : changes));
  const control = await openControl(cloud);
  const access = await cloudAccess(place);
  const { postgres, pubsub, firestore, venue, workers } = cloud.services;
  const services = { postgres: [postgres], pubsub: [pubsub], firestore: [firestore], venue: [venue], host: workers };
  return {
    ...access,
    cloud,
    quiet: (deadlineMs = 60_000) => control.quiet(deadlineMs),
    async sweep() {
      const sweeps = cloud.plan.schedules.filter(({ name }) => name.endsWith('-sweep'));
      await Promise.all(sweeps.map(({ name }) => cloud.runSchedule(name)));
    },
    async kill(service) {
      await Promise.all(services[service].map((child) => child.kill()));
    },
    async close() {
      await access.close();
      await control.close();
      await cloud.stop();
      await place.forget();
    },
  };
}
