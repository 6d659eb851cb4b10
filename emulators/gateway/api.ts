import type { TokenClaims } from '../identity/verify-id-token.ts';

/** What the gateway serves, compiled from the document once so that a request only looks things up. */
export interface Api {
  routes: RouteNode;
  quotas: readonly QuotaLimit[];
}

/** A node for each path segment; a literal segment is preferred to a parameter. */
export interface RouteNode {
  literals: Map<string, RouteNode>;
  parameter: RouteNode | undefined;
  /** By method, in capitals. Empty where no template ends here. */
  operations: Map<string, ApiOperation>;
}

export interface ApiOperation {
  id: string;
  /** As the document writes it: `/v1/requirements/{id}`. */
  template: string;
  parameterNames: readonly string[];
  backend: Backend;
  /** Alternatives, each a list of schemes that must all pass. Empty: open to anyone. */
  security: readonly (readonly SecurityScheme[])[];
  costs: readonly { metric: string; cost: number }[];
}

export interface Backend {
  name: string;
  address: URL;
  /** Audience of the gateway's id token; undefined where the backend takes none. */
  audience: string | undefined;
  deadlineMs: number;
  pathTranslation: 'APPEND_PATH_TO_ADDRESS' | 'CONSTANT_ADDRESS';
}

export type SecurityScheme = JwtScheme | ApiKeyScheme;

export interface JwtScheme {
  kind: 'jwt';
  locations: readonly TokenLocation[];
  /** Rejects with TokenRefused. */
  verify(token: string): Promise<TokenClaims>;
}

export type TokenLocation = { header: string; valuePrefix: string } | { query: string };

export interface ApiKeyScheme {
  kind: 'api-key';
  in: 'header' | 'query';
  /** In small letters where it is a header. */
  name: string;
}

export interface QuotaLimit {
  name: string;
  metric: string;
  /** Units of the metric that one consumer may use in a minute. */
  perMinute: number;
}
