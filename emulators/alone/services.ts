import { join } from 'node:path';
import type { FaultyService } from '../faults/rule.ts';
import type { AloneOptions } from './options.ts';
import { variablesOf } from './variables.ts';

/** What each service's process is started with. */
export function serviceOptions(service: FaultyService, options: AloneOptions): object {
  const { folder, fsync, ports, project, services, firestore, images } = options;
  const place = { port: ports[service], dataDir: join(folder, service), fsync };
  const has = (other: FaultyService) => services.includes(other);
  switch (service) {
    case 'pubsub':
      return {
        ...place,
        projectId: project,
        ...(has('storage') ? { storageUrl: `http://127.0.0.1:${ports.storage}` } : {}),
      };
    case 'firestore':
      return { ...place, ...firestore };
    case 'storage':
      return {
        ...place,
        projectId: project,
        ...(has('pubsub') ? { pubsubHost: `127.0.0.1:${ports.pubsub}` } : {}),
      };
    case 'secret-manager':
      return place;
    case 'run':
      return {
        ...place,
        images,
        environment: variablesOf(options),
        ...(has('secret-manager') ? { secretManagerUrl: `http://127.0.0.1:${ports['secret-manager']}` } : {}),
      };
  }
}
