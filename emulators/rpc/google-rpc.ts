import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';

// google-gax exports its code only; what it reads error details with lies beside it.
const path = join(dirname(createRequire(import.meta.url).resolve('google-gax')), '../protos/status.json');

/** google.rpc: Status and the types of its details (google/rpc/error_details.proto). */
export const googleRpc = protobuf.Root.fromJSON(JSON.parse(readFileSync(path, 'utf8')) as protobuf.INamespace);
