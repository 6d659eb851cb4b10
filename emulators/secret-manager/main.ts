import { serveProcess } from '../service-process.ts';
import { secretManagerOptions, startSecretManager } from './server.ts';

await serveProcess((options) => startSecretManager(secretManagerOptions.parse(options)));
