import * as z from 'zod';
import { fileDeleted } from '#contracts/files/events.ts';
import { timer } from '#core/timer.ts';
import { changeOfSpace } from '../domain/space.ts';
import { lockFile, setDeleted } from '../store/files.ts';
import { changeSpace } from '../store/space.ts';

/** An upload that did not come in time gives its space back. What still comes is removed. */
export const uploadExpires = timer({
  name: 'upload-expires',
  data: z.object({ fileId: z.uuid() }),
  emits: [fileDeleted],
  async fire({ fileId }, { tx, now, publish }) {
    const file = await lockFile(tx, fileId);
    if (file?.state !== 'awaiting-upload') return;
    await setDeleted(tx, fileId, now);
    await changeSpace(tx, changeOfSpace(file.state, 'deleted', file.bytes));
    publish(fileDeleted, { fileId, ownerId: file.ownerId, at: now.toISOString() });
  },
});
