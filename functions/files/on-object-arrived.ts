import { fileUploaded, objectArrived } from '#contracts/files/events.ts';
import { eventFunction } from '#core/function.ts';
import { arrivalOf } from './domain/file.ts';
import { removeObject } from './effects/remove-object.ts';
import { uploadExpires } from './effects/upload-expires.ts';
import { lockFile, setScanning } from './store/files.ts';

/**
 * The first object that comes for a file is the file. The address was signed after the file's row committed, so an object without a
 * row, or one that comes when its file has another or is done with, belongs to nobody.
 */
export default eventFunction(
  objectArrived,
  {
    onPoison: 'skip',
    emits: [fileUploaded],
    effects: [removeObject],
    timers: [uploadExpires],
    buckets: ['uploads'],
    cpu: 1,
    concurrency: 40,
    maxInstances: 3,
  },
  async ({ fileId, bucket, object, generation }, { tx, now, newId, publish, intend, setTimer }) => {
    const file = await lockFile(tx, fileId);
    const arrival = arrivalOf(file, generation);
    if (arrival === 'stray') intend(removeObject, newId(), { bucket: 'uploads', object, generation });
    if (arrival !== 'new' || file === undefined) return;
    await setScanning(tx, fileId, generation, now);
    setTimer(uploadExpires, fileId, null);
    publish(fileUploaded, { fileId, ownerId: file.ownerId, bucket, object, generation, uploadedAt: now.toISOString() });
  },
);
