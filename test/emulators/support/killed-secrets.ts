import { SecretManagerServiceClient } from '@google-cloud/secret-manager';
import { credentials } from '@grpc/grpc-js';
import { Load, Registers, type Running, type Subject } from './kills.ts';

// Without this the client looks for Google's metadata server before its first call.
process.env.METADATA_SERVER_DETECTION = 'none';

const PROJECT = 'projects/millrace-test';
const WRITERS = 6;

/** Writers that each add versions to a secret of their own, and destroy some of the older ones. */
export function killedSecrets(): Subject {
  const versions = new Registers<string>();
  /** The newest version of each writer's secret that is known. */
  const newest = new Map<number, number>();
  let serial = 0;

  const change = async (client: SecretManagerServiceClient, worker: number) => {
    const latest = newest.get(worker) ?? 0;
    const n = ++serial;
    if (n % 4 === 0 && latest > 3) {
      const name = `${secretOf(worker)}/versions/${1 + (n % (latest - 1))}`;
      const acknowledge = versions.attempt(name, 'DESTROYED');
      const [version] = await client.getSecretVersion({ name });
      if (version.state !== 'DESTROYED') await client.destroySecretVersion({ name });
      return acknowledge;
    }
    const payload = `payload-${n}`;
    const acknowledge = versions.attempt(`${secretOf(worker)}/versions/${latest + 1}`, payload);
    await client.addSecretVersion({ parent: secretOf(worker), payload: { data: Buffer.from(payload) } });
    return () => {
      acknowledge();
      newest.set(worker, latest + 1);
    };
  };

  return {
    main: new URL('../../../emulators/secret-manager/main.ts', import.meta.url),
    options: (dataDir, fsync) => ({ port: 0, dataDir, fsync }),
    async check(t, service) {
      const client = clientOf(service);
      for (let worker = 0; worker < WRITERS; worker++) {
        if (!newest.has(worker)) await createSecret(client, worker);
        const found = await contentsOf(client, secretOf(worker));
        for (const name of new Set([...versions.keys, ...found.keys()]))
          if (name.startsWith(`${secretOf(worker)}/`)) versions.found(t, name, found.get(name));
        newest.set(worker, found.size);
      }
      await client.close();
    },
    load(service) {
      const client = clientOf(service);
      const steps = Array.from({ length: WRITERS }, () => (worker: number) => change(client, worker));
      return new Load(steps, () => void client.close());
    },
  };
}

const secretOf = (worker: number) => `${PROJECT}/secrets/secret-${worker}`;

async function createSecret(client: SecretManagerServiceClient, worker: number): Promise<void> {
  const secret = { replication: { automatic: {} } };
  await client.createSecret({ parent: PROJECT, secretId: `secret-${worker}`, secret });
}

/** Every version's payload, or its state where it has none any more. */
async function contentsOf(client: SecretManagerServiceClient, parent: string): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  const [found] = await client.listSecretVersions({ parent });
  for (const { name, state } of found) {
    const isThere = state === 'ENABLED';
    const payload = isThere ? (await client.accessSecretVersion({ name: name ?? '' }))[0].payload?.data : state;
    contents.set(name ?? '', `${payload}`);
  }
  return contents;
}

function clientOf({ port }: Running): SecretManagerServiceClient {
  const sslCreds = credentials.createInsecure();
  return new SecretManagerServiceClient({ projectId: 'millrace-test', servicePath: '127.0.0.1', port, sslCreds });
}
