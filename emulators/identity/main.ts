import { serveProcess } from '../service-process.ts';
import { identityOptions, startIdentity } from './server.ts';

await serveProcess((options) => startIdentity(identityOptions.parse(options)));
