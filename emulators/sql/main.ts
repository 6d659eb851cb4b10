import { serveProcess } from '../service-process.ts';
import { type PostgresOptions, startPostgres } from './server.ts';

await serveProcess((options) => startPostgres(options as PostgresOptions));
