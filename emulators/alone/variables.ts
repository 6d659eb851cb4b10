import type { FaultyService } from '../faults/rule.ts';
import type { AloneOptions } from './options.ts';

/** Services whose clients read no variable. */
const WITHOUT_VARIABLE: Partial<Record<FaultyService, string>> = {
  'secret-manager': 'Secret Manager',
  run: 'Cloud Run jobs',
};

type Where = Pick<AloneOptions, 'services' | 'ports' | 'project'>;

/** The variables that Google's clients read, for the services that run. */
export function variablesOf({ services, ports, project }: Where): Record<string, string> {
  const hosts: Partial<Record<FaultyService, [name: string, value: string]>> = {
    pubsub: ['PUBSUB_EMULATOR_HOST', `127.0.0.1:${ports.pubsub}`],
    firestore: ['FIRESTORE_EMULATOR_HOST', `127.0.0.1:${ports.firestore}`],
    storage: ['STORAGE_EMULATOR_HOST', `http://127.0.0.1:${ports.storage}`],
  };
  return {
    ...Object.fromEntries(
      services.flatMap((service) => {
        const host = hosts[service];
        return host === undefined ? [] : [host];
      }),
    ),
    GOOGLE_CLOUD_PROJECT: project,
    // The clients look for Google's metadata server otherwise, and wait for it.
    METADATA_SERVER_DETECTION: 'none',
  };
}

/** What to type before the program that is to find the services, and what to do where no variable is read. */
export function instructions(where: Where): string {
  const exports_ = Object.entries(variablesOf(where)).map(([name, value]) => `export ${name}=${value}`);
  return [...exports_, ...where.services.flatMap((service) => remark(service, where.ports))].join('\n');
}

/** Comments to a shell, so that all that is printed may be run by one. */
function remark(service: FaultyService, ports: Where['ports']): string[] {
  const name = WITHOUT_VARIABLE[service];
  if (name === undefined) return [];
  const port = ports[service];
  return [
    `# ${name}: its clients read no variable. REST at http://127.0.0.1:${port}, and gRPC in plain text on the same port:`,
    `#   { servicePath: '127.0.0.1', port: ${port}, sslCreds: grpc.credentials.createInsecure() }`,
  ];
}
