const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const OBJECT_NAME = new RegExp(`^(${UUID})/(${UUID})$`);

/** Under which a file's bytes lie, in whichever bucket. */
export function objectNameOf(tenant: string, fileId: string): string {
  return `${tenant}/${fileId}`;
}

/** Undefined where no file could have that name. */
export function readObjectName(name: string): { tenant: string; fileId: string } | undefined {
  const [, tenant, fileId] = OBJECT_NAME.exec(name) ?? [];
  return tenant === undefined || fileId === undefined ? undefined : { tenant, fileId };
}
