import { status as Code } from '@grpc/grpc-js';
import { StatusError } from '../rpc/status-error.ts';

/** google.aip.dev/154: an etag that is given must be the current one. */
export function checkEtag(given: string | undefined, { name, etag }: { name: string; etag: string }): void {
  if (given !== undefined && given !== '' && given !== etag)
    throw new StatusError(Code.ABORTED, `The etag [${given}] is not the current one of [${name}]: read it again.`);
}
