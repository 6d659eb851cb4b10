import { objectsListed } from '#contracts/files/events.ts';
import { eventFunction } from '#core/function.ts';
import { BUCKET_BY_STATE } from './domain/file.ts';
import { removeObject } from './effects/remove-object.ts';
import { findFile } from './store/files.ts';

/** Removes those objects that are no file's bytes. A file that is being scanned may be about to have them. */
export default eventFunction(
  objectsListed,
  {
    onPoison: 'skip',
    effects: [removeObject],
    buckets: ['files', 'quarantine'],
    cpu: 1,
    maxInstances: 2,
    timeoutSeconds: 300,
  },
  async ({ bucket, objects }, { tx, newId, intend }) => {
    for (const { fileId, object, generation } of objects) {
      const file = await findFile(tx, fileId);
      const isHeld = file !== undefined && BUCKET_BY_STATE[file.state] === bucket && file.generation === generation;
      if (!isHeld && file?.state !== 'scanning') intend(removeObject, newId(), { bucket, object, generation });
    }
  },
);
