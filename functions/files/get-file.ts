import { getFile } from '#contracts/files/api.ts';
import { httpFunction } from '#core/function.ts';
import { include } from './domain/sharing.ts';
import { findVisibleFile } from './store/visible-file.ts';
import { fileView, permissionView } from './views/file-view.ts';

export default httpFunction(getFile, { cpu: 1, concurrency: 40, maxInstances: 5 }, async ({ id }, { tx, caller }) => {
  const visible = await findVisibleFile(tx, caller, id);
  if (visible === undefined) return { problem: 'not-found', detail: `there is no file ${id}` };
  const { file, grants, rights } = visible;
  return { ...fileView(file), ...(include(rights, 'share') ? { permissions: grants.map(permissionView) } : {}) };
});
