import { changePermissions } from '#contracts/files/api.ts';
import { httpFunction } from '#core/function.ts';
import { include } from './domain/sharing.ts';
import { replaceGrants } from './store/permissions.ts';
import { findVisibleFile } from './store/visible-file.ts';
import { permissionView, readPermissions } from './views/file-view.ts';

export default httpFunction(
  changePermissions,
  { cpu: 1, concurrency: 40, maxInstances: 5 },
  async ({ id, permissions }, { tx, caller }) => {
    const visible = await findVisibleFile(tx, caller, id, { locked: true });
    if (visible === undefined || visible.file.state === 'deleted')
      return { problem: 'not-found', detail: `there is no file ${id}` };
    if (!include(visible.rights, 'share'))
      return { problem: 'forbidden', detail: "a file's owner and the administrators say who else may have it" };
    const grants = readPermissions(permissions);
    await replaceGrants(tx, id, grants);
    return { fileId: id, permissions: grants.map(permissionView) };
  },
);
