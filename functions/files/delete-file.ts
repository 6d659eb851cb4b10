import { deleteFile } from '#contracts/files/api.ts';
import { fileDeleted } from '#contracts/files/events.ts';
import { httpFunction } from '#core/function.ts';
import { BUCKET_BY_STATE } from './domain/file.ts';
import { objectNameOf } from './domain/object-name.ts';
import { include } from './domain/sharing.ts';
import { changeOfSpace } from './domain/space.ts';
import { removeObject } from './effects/remove-object.ts';
import { uploadExpires } from './effects/upload-expires.ts';
import { setDeleted } from './store/files.ts';
import { changeSpace } from './store/space.ts';
import { findVisibleFile } from './store/visible-file.ts';

export default httpFunction(
  deleteFile,
  {
    emits: [fileDeleted],
    effects: [removeObject],
    timers: [uploadExpires],
    buckets: ['uploads', 'files', 'quarantine'],
    cpu: 1,
    concurrency: 40,
    maxInstances: 5,
  },
  async ({ id }, { tx, tenant, caller, now, newId, publish, intend, setTimer }) => {
    const visible = await findVisibleFile(tx, caller, id, { locked: true });
    if (visible === undefined) return { problem: 'not-found', detail: `there is no file ${id}` };
    if (!include(visible.rights, 'write'))
      return { problem: 'forbidden', detail: 'the file is shared with you to read, not to delete' };
    const { state, generation, bytes, ownerId } = visible.file;
    const deleted = { fileId: id, state: 'deleted' as const };
    if (state === 'deleted') return deleted;
    await setDeleted(tx, id, now);
    await changeSpace(tx, changeOfSpace(state, 'deleted', bytes));
    setTimer(uploadExpires, id, null);
    // An upload that is still to come is removed when it does.
    const bucket = BUCKET_BY_STATE[state];
    if (generation !== undefined)
      intend(removeObject, newId(), { bucket, object: objectNameOf(tenant, id), generation });
    publish(fileDeleted, { fileId: id, ownerId, at: now.toISOString() });
    return deleted;
  },
);
