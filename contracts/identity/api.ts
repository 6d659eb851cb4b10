import * as z from 'zod';
import { operation } from '../kit/operation.ts';
import { instant } from '../kit/trading-terms.ts';
import { role } from './roles.ts';

const email = z.email().max(254).toLowerCase();
/** Long enough to stand alone, and bounded, since hashing a password costs what its length asks. */
const newPassword = z.string().min(12).max(128);
const organizationName = z.string().trim().min(1).max(120);

export const register = operation({
  method: 'POST',
  path: '/v1/auth/register',
  summary: 'Register with an organisation of your own, or by an invitation into one',
  audience: 'public',
  roles: 'anyone',
  input: z
    .strictObject({
      email,
      password: newPassword,
      organizationName: organizationName.optional(),
      /** The code that inviting answered. */
      invitation: z.string().max(200).optional(),
    })
    .refine((input) => (input.organizationName === undefined) !== (input.invitation === undefined), {
      error: 'name either an organisation to found or an invitation to accept',
      path: ['organizationName'],
    }),
  output: z.object({ userId: z.uuid(), organizationId: z.uuid(), roles: z.array(role) }),
  problems: ['email-taken', 'invitation-not-valid'],
  status: 201,
  quotaPerMinute: 120,
});

const tokens = z.object({
  accessToken: z.string(),
  tokenType: z.literal('Bearer'),
  /** Seconds the access token lives. */
  expiresIn: z.int(),
  /** Good for one refresh. */
  refreshToken: z.string(),
  sessionId: z.uuid(),
  userId: z.uuid(),
  organizationId: z.uuid(),
  roles: z.array(role),
});

export const login = operation({
  method: 'POST',
  path: '/v1/auth/login',
  summary: 'Open a session',
  audience: 'public',
  secretAnswer: true,
  roles: 'anyone',
  input: z.strictObject({
    email,
    password: z.string().min(1).max(128),
    /** Which of one's organisations to act for; the first one joined where none is named. */
    organizationId: z.uuid().optional(),
  }),
  output: tokens,
  problems: ['invalid-credentials', 'too-many-attempts'],
  quotaPerMinute: 120,
});

export const refresh = operation({
  method: 'POST',
  path: '/v1/auth/refresh',
  summary: 'Change a refresh token for new tokens; a token that comes twice ends its session',
  audience: 'public',
  secretAnswer: true,
  roles: 'anyone',
  input: z.strictObject({ refreshToken: z.string().max(200) }),
  output: tokens,
  problems: ['invalid-refresh-token'],
});

export const logout = operation({
  method: 'POST',
  path: '/v1/auth/logout',
  summary: 'End the session of a refresh token; unknown and ended ones answer the same',
  audience: 'public',
  roles: 'anyone',
  input: z.strictObject({ refreshToken: z.string().max(200) }),
  output: z.object({ ended: z.literal(true) }),
});

/** RFC 7517. */
const publicKey = z.object({
  kty: z.literal('RSA'),
  use: z.literal('sig'),
  alg: z.literal('RS256'),
  kid: z.string(),
  n: z.string(),
  e: z.string(),
});
export type PublicKey = z.infer<typeof publicKey>;

export const getJwks = operation({
  method: 'GET',
  path: '/v1/auth/jwks',
  summary: 'The keys that access tokens are verified with, the next one included',
  audience: 'public',
  roles: 'anyone',
  input: z.strictObject({}),
  output: z.object({ keys: z.array(publicKey) }),
});

const preferences = z.strictObject({
  /** BCP 47, such as `en-IN`. */
  locale: z
    .string()
    .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .optional(),
  /** IANA, such as `Asia/Kolkata`. */
  timeZone: z.string().min(1).max(64).optional(),
  theme: z.enum(['light', 'dark', 'system']).optional(),
});
export type Preferences = z.infer<typeof preferences>;

const profile = z.object({
  userId: z.uuid(),
  email: z.string(),
  organization: z.object({ organizationId: z.uuid(), name: z.string() }),
  roles: z.array(role),
  preferences,
  registeredAt: instant,
  version: z.int().min(1),
});

export const getProfile = operation({
  method: 'GET',
  path: '/v1/users/profile',
  summary: 'Who the caller is',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({}),
  output: profile,
  problems: ['not-found'],
  versionField: 'version',
});

export const changePreferences = operation({
  method: 'PUT',
  path: '/v1/users/preferences',
  summary: "Replace the caller's preferences",
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ preferences }),
  output: profile,
  problems: ['not-found', 'version-required', 'version-changed'],
  versionField: 'version',
});

export const assignRoles = operation({
  method: 'PUT',
  path: '/v1/users/{id}/roles',
  summary:
    "Replace a user's roles; nobody changes their own, and only the platform's administrator gives or takes risk-officer",
  audience: 'public',
  roles: ['organization-admin', 'platform-admin'],
  input: z.strictObject({
    id: z.uuid(),
    roles: z.array(role).max(10),
    /** Needed from the platform's administrator, who belongs to another organisation. */
    organizationId: z.uuid().optional(),
  }),
  output: z.object({ userId: z.uuid(), organizationId: z.uuid(), roles: z.array(role) }),
  problems: ['not-found', 'own-roles', 'role-not-yours-to-give', 'organization-required'],
});

const session = z.object({
  sessionId: z.uuid(),
  openedAt: instant,
  lastUsedAt: instant,
  expiresAt: instant,
});

export const getSessions = operation({
  method: 'GET',
  path: '/v1/sessions',
  summary: "The caller's open sessions in this organisation, newest first",
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({}),
  output: z.object({ sessions: z.array(session) }),
});

export const endSession = operation({
  method: 'DELETE',
  path: '/v1/sessions/{id}',
  summary: "End one of the caller's sessions; its access tokens run out within 15 minutes",
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ id: z.uuid() }),
  output: z.object({ ended: z.literal(true) }),
  problems: ['not-found'],
});

export const createOrganization = operation({
  method: 'POST',
  path: '/v1/organizations',
  summary: 'Found another organisation, with the caller as its administrator; log in for it with its id',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({ name: organizationName }),
  output: z.object({ organizationId: z.uuid(), name: z.string() }),
  status: 201,
  quotaPerMinute: 10,
});

export const getOrganizations = operation({
  method: 'GET',
  path: '/v1/organizations',
  summary: 'The organisations the caller belongs to, the first one joined first',
  audience: 'public',
  roles: 'authenticated',
  input: z.strictObject({}),
  output: z.object({
    organizations: z.array(z.object({ organizationId: z.uuid(), name: z.string(), joinedAt: instant })),
  }),
});

export const inviteUser = operation({
  method: 'POST',
  path: '/v1/invitations',
  summary: 'Invite a person into the organisation; the code is theirs to register with',
  audience: 'public',
  secretAnswer: true,
  roles: ['organization-admin'],
  input: z.strictObject({ email, roles: z.array(role).max(10) }),
  output: z.object({ invitation: z.string(), expiresAt: instant }),
  problems: ['role-not-yours-to-give'],
  status: 201,
  quotaPerMinute: 60,
});
