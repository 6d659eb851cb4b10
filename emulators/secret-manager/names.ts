import { status as Code } from '@grpc/grpc-js';
import { invalidArgument, StatusError } from '../rpc/status-error.ts';

const PARENT = /^projects\/[^/]+(\/locations\/[^/]+)?$/;
const SECRET = /^projects\/[^/]+(\/locations\/[^/]+)?\/secrets\/[A-Za-z0-9_-]{1,255}$/;
const VERSION = /^(.+)\/versions\/([A-Za-z0-9_-]{1,63})$/;

/** Throws INVALID_ARGUMENT unless this is a project, or a location of one. */
export function checkParent(parent: string | undefined): string {
  if (!PARENT.test(parent ?? '')) throw invalidArgument(`Invalid parent [${parent ?? ''}].`);
  return parent as string;
}

/** Throws INVALID_ARGUMENT unless this names a secret, whose id has up to 255 letters, digits, hyphens and underscores. */
export function checkSecretName(name: string | undefined): string {
  if (!SECRET.test(name ?? '')) throw invalidArgument(`Invalid resource field value in the request: [${name ?? ''}].`);
  return name as string;
}

/** `projects/p/secrets/s/versions/v` as the secret and what the version is called: a number, `latest` or an alias. */
export function splitVersionName(name: string | undefined): { secret: string; version: string } {
  const [, secret, version] = VERSION.exec(name ?? '') ?? [];
  return { secret: checkSecretName(secret ?? name), version: version ?? '' };
}

/** A regional secret stays in its location, and so has no replication policy. */
export const isRegional = (name: string): boolean => name.split('/')[2] === 'locations';

export const secretNotFound = (name: string) => new StatusError(Code.NOT_FOUND, `Secret [${name}] not found.`);
export const versionNotFound = (name: string) => new StatusError(Code.NOT_FOUND, `Secret Version [${name}] not found.`);
export const noVersions = (secret: string) =>
  new StatusError(Code.NOT_FOUND, `Secret [${secret}] not found or has no versions.`);
