import { serveProcess } from '../service-process.ts';
import { pubSubOptions } from './options.ts';
import { startPubSub } from './server.ts';

await serveProcess(async (options) => ({ ...(await startPubSub(pubSubOptions.parse(options))) }));
