import { scheduleFunction } from '#core/function.ts';
import { publishKeySet } from './effects/publish-key-set.ts';
import { renewKeys } from './signing/renew-keys.ts';
import { forgetAttempts } from './store/login-attempts.ts';

const DAY_MS = 24 * 60 * 60_000;

export default scheduleFunction(
  { cron: '17 3 * * *', summary: 'Makes the next signing key, removes those out of use, forgets old login attempts' },
  {
    calls: [],
    effects: [publishKeySet],
    secrets: ['SIGNING_KEY_ENCRYPTION_KEY'],
    buckets: ['jwks'],
    cpu: 1,
    memory: '512MiB',
    maxInstances: 1,
  },
  async (_, context) => {
    await renewKeys(context);
    await context.transaction(({ tx }) => forgetAttempts(tx, new Date(context.now.getTime() - DAY_MS)));
  },
);
