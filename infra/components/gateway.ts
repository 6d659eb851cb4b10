import { createHash } from 'node:crypto';
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from '../settings.ts';
import type { Accounts } from './accounts.ts';

/**
 * The one public door. A configuration cannot be changed, so each has the hash of its document as its id: a changed document is a
 * new configuration, made before the old one goes, and the gateway moves over in between.
 */
export function createGateway(
  settings: Settings,
  accounts: Accounts,
  document: pulumi.Output<string>,
  ready: pulumi.Resource[],
): gcp.apigateway.Gateway {
  const api = new gcp.apigateway.Api('millrace', { apiId: 'millrace', displayName: 'Millrace' });
  const config = new gcp.apigateway.ApiConfig(
    'millrace',
    {
      api: api.apiId,
      apiConfigId: document.apply((text) => `v-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`),
      openapiDocuments: [
        {
          document: {
            path: 'openapi.json',
            contents: document.apply((text) => Buffer.from(text).toString('base64')),
          },
        },
      ],
      gatewayConfig: { backendConfig: { googleServiceAccount: accounts.gateway.email } },
    },
    // Pulumi's own order, stated because the gateway depends on it: the replacement first, then the deletion.
    { deleteBeforeReplace: false, dependsOn: ready },
  );
  return new gcp.apigateway.Gateway('millrace', {
    gatewayId: 'millrace',
    displayName: 'Millrace',
    apiConfig: pulumi.interpolate`${config.id}`,
    region: settings.region,
  });
}
