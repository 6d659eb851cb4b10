import { serveProcess } from '../service-process.ts';
import { runOptions } from './options.ts';
import { startRun } from './server.ts';

await serveProcess((options) => startRun(runOptions.parse(options)));
