import * as z from 'zod';

/**
 * What a person may be within an organisation.
 * `organization-admin` invites people and gives them roles; `risk-officer` is given by the platform's administrator alone, so that
 * no organisation appoints its own checker; `market-admin` and `platform-admin` are the platform's own people.
 */
export const role = z.enum([
  'organization-admin',
  'trader',
  'viewer',
  'risk-officer',
  'market-admin',
  'platform-admin',
]);
