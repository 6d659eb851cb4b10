/** What the deployment's secrets and environment hold, for tests. */
export const IDENTITY_VARIABLES = {
  ENVIRONMENT: 'local',
  ADMIN_EMAIL: 'admin@millrace.local',
  ADMIN_PASSWORD: 'a password for tests',
  SIGNING_KEY_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
};
