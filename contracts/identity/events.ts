import * as z from 'zod';
import { event } from '../kit/event.ts';
import { instant } from '../kit/trading-terms.ts';

export const userRegistered = event({
  type: 'identity.user.registered',
  version: 1,
  scope: 'tenant',
  orderBy: 'userId',
  summary: 'A user exists, with an organisation of their own or within one that invited them',
  data: z.object({ userId: z.uuid(), email: z.email(), organizationId: z.uuid(), at: instant }),
});

export const userLoggedIn = event({
  type: 'identity.user.logged_in',
  version: 1,
  scope: 'tenant',
  orderBy: 'userId',
  summary: 'A user has opened a session',
  data: z.object({ userId: z.uuid(), sessionId: z.uuid(), at: instant }),
});

export const roleAssigned = event({
  type: 'identity.role.assigned',
  version: 1,
  scope: 'tenant',
  orderBy: 'userId',
  summary: "A user's roles have changed",
  data: z.object({ userId: z.uuid(), roles: z.array(z.string()), assignedBy: z.string(), at: instant }),
});
