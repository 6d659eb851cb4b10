import type * as pulumi from '@pulumi/pulumi';

/** What the cloud would have made, as far as other resources read it. */
export interface MockCloud {
  project: string;
  region: string;
}

/** Any number of twelve digits does. */
const PROJECT_NUMBER = '100000000001';

/** A resource's id and its outputs: its inputs, and what the cloud adds to them. */
export function mockedState(
  cloud: MockCloud,
  { type, name, inputs }: pulumi.runtime.MockResourceArgs,
): { id: string; state: Record<string, unknown> } {
  const added = ADDED[type]?.(cloud, inputs) ?? {};
  const id = typeof added.id === 'string' ? added.id : `${type}/${name}`;
  return { id, state: { ...inputs, ...added } };
}

export function mockCall({ token }: pulumi.runtime.MockCallArgs): Record<string, unknown> {
  if (token === 'gcp:organizations/getProject:getProject') return { number: PROJECT_NUMBER };
  if (token === 'gcp:storage/getProjectServiceAccount:getProjectServiceAccount') {
    const email = `service-${PROJECT_NUMBER}@gs-project-accounts.iam.gserviceaccount.com`;
    return { emailAddress: email, member: `serviceAccount:${email}` };
  }
  throw new Error(`nothing is known of ${token}`);
}

type Inputs = Record<string, unknown>;

const ADDED: Record<string, (cloud: MockCloud, inputs: Inputs) => Record<string, unknown>> = {
  'gcp:serviceaccount/account:Account': ({ project }, { accountId }) => {
    const email = `${accountId}@${project}.iam.gserviceaccount.com`;
    const id = `projects/${project}/serviceAccounts/${email}`;
    return { id, name: id, email, member: `serviceAccount:${email}` };
  },
  'gcp:projects/serviceIdentity:ServiceIdentity': (_, { service }) => {
    const email = `service-${PROJECT_NUMBER}@gcp-sa-${String(service).split('.')[0]}.iam.gserviceaccount.com`;
    return { email, member: `serviceAccount:${email}` };
  },
  'gcp:kms/keyRing:KeyRing': ({ project }, { name, location }) => ({
    id: `projects/${project}/locations/${location}/keyRings/${name}`,
  }),
  'gcp:projects/iAMCustomRole:IAMCustomRole': ({ project }, { roleId }) => ({
    name: `projects/${project}/roles/${roleId}`,
  }),
  'gcp:pubsub/topic:Topic': ({ project }, { name }) => ({ id: `projects/${project}/topics/${name}` }),
  'gcp:pubsub/schema:Schema': ({ project }, { name }) => ({ id: `projects/${project}/schemas/${name}` }),
  'gcp:pubsub/subscription:Subscription': ({ project }, { name }) => ({
    id: `projects/${project}/subscriptions/${name}`,
  }),
  'gcp:secretmanager/secret:Secret': ({ project }, { secretId }) => ({ id: `projects/${project}/secrets/${secretId}` }),
  'gcp:secretmanager/secretVersion:SecretVersion': () => ({ version: '1' }),
  'gcp:sql/databaseInstance:DatabaseInstance': ({ project }) => ({
    privateIpAddress: project === 'millrace-local' ? '127.0.0.1' : '10.1.0.3',
  }),
  'gcp:compute/network:Network': ({ project }, { name }) => ({ id: `projects/${project}/global/networks/${name}` }),
  'gcp:compute/subnetwork:Subnetwork': ({ project, region }, { name }) => ({
    id: `projects/${project}/regions/${region}/subnetworks/${name}`,
  }),
  'gcp:apigateway/apiConfig:ApiConfig': ({ project }, { api, apiConfigId }) => ({
    id: `projects/${project}/locations/global/apis/${api}/configs/${apiConfigId}`,
  }),
  'gcp:apigateway/gateway:Gateway': (_, { gatewayId }) => ({ defaultHostname: `${gatewayId}.gateway.dev` }),
  'gcp:monitoring/notificationChannel:NotificationChannel': ({ project }, { type }) => ({
    name: `projects/${project}/notificationChannels/${type}`,
  }),
};
