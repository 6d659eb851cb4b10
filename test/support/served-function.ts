import type { Server } from 'node:http';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import type { Operation } from '#contracts/kit/operation.ts';
import type { Config } from '#core/config.ts';
import type { Manifest, ManifestEntry } from '#core/manifest.ts';
import { functionsCalledBy } from '#core/manifest-problems.ts';
import { serve } from '#core/serve.ts';

export interface TestCaller {
  tenant: string;
  id?: string;
  roles?: string[];
  plan?: string;
}

/** Serves a function behind functions-framework, on a port that the system picks. */
export async function startFunction(
  entry: ManifestEntry,
  manifest: Manifest,
  config: Config,
): Promise<{ server: Server; url: string }> {
  const calls = functionsCalledBy(manifest, entry);
  http(entry.name, serve(entry.declaration, { name: entry.name, context: entry.context, calls }, config));
  const server = getTestServer(entry.name);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return { server, url: `http://127.0.0.1:${address.port}` };
}

/** What API Gateway, or another function, says of the caller. */
export function callerHeaders(contract: Operation, as: TestCaller | undefined): Record<string, string> {
  if (as === undefined) return {};
  if (contract.audience === 'internal') return { 'x-millrace-tenant': as.tenant, 'x-millrace-caller': as.id ?? 'test' };
  const claims = {
    sub: as.id ?? 'user-1',
    org: as.tenant,
    roles: as.roles ?? [],
    plan: as.plan ?? 'standard',
    kind: 'user',
  };
  return { 'x-apigateway-api-userinfo': Buffer.from(JSON.stringify(claims)).toString('base64url') };
}
