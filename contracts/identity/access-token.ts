/** What the gateway checks of an access token beside its signature, which the JWKS answers. */
export const ACCESS_TOKEN = {
  issuer: 'https://identity.millrace.dev',
  audience: 'millrace',
  algorithm: 'RS256',
  lifetimeSeconds: 15 * 60,
} as const;
