import { pathToFileURL } from 'node:url';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { readConfig } from '../../functions/core/config.ts';
import type { Declaration } from '../../functions/core/function.ts';
import { explainMalformedBodies } from '../../functions/core/malformed-body.ts';
import { serve } from '../../functions/core/serve.ts';
import type { Target } from './front.ts';
import type { HostedFunction } from './options.ts';

/** Serves a function in this process, behind functions-framework. Rejects where its file declares none. */
export async function hostShared({ name, context, file, environment, calls }: HostedFunction): Promise<Target> {
  const module = (await import(pathToFileURL(file).href)) as { default?: Declaration };
  if (module.default === undefined) throw new Error(`${file} declares no function`);
  http(name, serve(module.default, { name, context, calls }, readConfig(environment)));
  // The framework's own server is never opened: the front hands it requests.
  const server = getTestServer(name);
  const [application] = server.listeners('request');
  explainMalformedBodies(application as unknown as Parameters<typeof explainMalformedBodies>[0]);
  return (request, response) => void server.emit('request', request, response);
}
