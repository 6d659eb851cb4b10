import * as pulumi from '@pulumi/pulumi';
import type { CommittedFieldNumbers } from '../contracts/documents/field-numbers.ts';
import { openApiDocument } from '../contracts/documents/openapi.ts';
import { protoSchema } from '../contracts/documents/proto.ts';
import type { ServedOperation } from '../contracts/documents/served-operation.ts';
import { ACCESS_TOKEN } from '../contracts/identity/access-token.ts';
import type { Event } from '../contracts/kit/event.ts';
import type { Manifest } from '../functions/core/manifest.ts';
import type { Addresses } from './components/addresses.ts';
import { bucketName } from './components/bucket-rules.ts';
import { computeOf } from './components/compute.ts';
import { JWKS_BUCKET } from './components/naming.ts';
import type { Settings } from './settings.ts';

/** Each topic's Pub/Sub schema, under the field numbers that are committed: those of an event that is new are given anew. */
export function schemasOf(numbers: CommittedFieldNumbers): (event: Event) => string {
  return (event) => protoSchema(event, numbers[event.topic]);
}

/** API Gateway waits no longer for a backend. */
const MOST_DEADLINE_SECONDS = 600;

/** The OpenAPI document that the gateway is configured with, as JSON: every public operation that a function serves. */
export function gatewayDocument(settings: Settings, manifest: Manifest, addresses: Addresses): pulumi.Output<string> {
  const served = manifest.functions.flatMap(({ name, declaration }) => {
    if (declaration.kind !== 'http' || declaration.contract.audience !== 'public') return [];
    const { timeoutSeconds } = computeOf(declaration.deployment, settings);
    const operation: ServedOperation = { contract: declaration.contract, functionName: name };
    return [{ operation, timeoutSeconds, address: addresses(name) }];
  });
  return pulumi.output(served.map(({ address }) => address)).apply((known) =>
    JSON.stringify(
      openApiDocument({
        operations: served.map(({ operation }) => operation),
        title: 'Millrace',
        version: '1',
        server: settings.apiServer,
        backends: Object.fromEntries(
          served.map(({ operation, timeoutSeconds }, index) => [
            operation.functionName,
            { address: known[index] ?? '', deadlineSeconds: Math.min(timeoutSeconds, MOST_DEADLINE_SECONDS) },
          ]),
        ),
        issuer: ACCESS_TOKEN.issuer,
        jwksUri: settings.jwksUri ?? publishedKeys(settings),
        audience: ACCESS_TOKEN.audience,
      }),
    ),
  );
}

/** Where identity publishes its keys: an object that anyone may read, so that verifying a token needs no function. */
function publishedKeys({ project }: Settings): string {
  return `https://storage.googleapis.com/${bucketName(project, JWKS_BUCKET)}/jwks.json`;
}
