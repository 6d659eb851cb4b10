import { existsSync } from 'node:fs';
import { serveProcess } from '../service-process.ts';
import { storageOptions } from './options.ts';
import { startStorage } from './server.ts';

const { GOOGLE_APPLICATION_CREDENTIALS: credentials = '', PUBSUB_EMULATOR_HOST } = process.env;

/** What is not said is taken from the environment as the official clients do: what a developer's own account signs verifies. */
await serveProcess((options) => {
  const parsed = storageOptions.parse(options);
  return startStorage({
    ...parsed,
    credentialsFile: parsed.credentialsFile ?? (existsSync(credentials) ? credentials : undefined),
    pubsubHost: parsed.pubsubHost ?? PUBSUB_EMULATOR_HOST,
  });
});
