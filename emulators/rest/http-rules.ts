import type protobuf from 'protobufjs';
import { compileTemplate, type PathTemplate } from './path-template.ts';

/** google.api.HttpRule as protobufjs parses it: one verb with its path, and where the body goes. */
export interface HttpRule {
  get?: string;
  put?: string;
  post?: string;
  delete?: string;
  patch?: string;
  body?: string;
  response_body?: string;
  additional_bindings?: HttpRule | HttpRule[];
}

/** A gRPC method and one way to call it over HTTP. */
export interface Route {
  verb: string;
  template: PathTemplate;
  /** The request's field that the body is: `*` for all of it, undefined for none. */
  body: string | undefined;
  /** `/google.pubsub.v1.Publisher/Publish` */
  grpcPath: string;
  request: protobuf.Type;
  response: protobuf.Type;
}

const VERBS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/**
 * The HTTP routes of these services, from the `google.api.http` annotations of their protos. `more` has rules for
 * methods by full name (`google.iam.v1.IAMPolicy.GetIamPolicy`) that a product states in its service configuration.
 */
export function routesOf(
  root: protobuf.Root,
  services: readonly string[],
  more: Readonly<Record<string, readonly HttpRule[]>> = {},
): Route[] {
  root.resolveAll();
  const routes = services.flatMap((name) => {
    const service = root.lookupService(name);
    return service.methodsArray.flatMap((method) => {
      if (method.requestStream || method.responseStream) return [];
      const rules = more[`${name}.${method.name}`] ?? annotatedRules(method);
      return rules.flatMap(withAdditional).flatMap((rule) => routeOf(rule, method, `/${name}/${method.name}`));
    });
  });
  return routes;
}

function annotatedRules(method: protobuf.Method): HttpRule[] {
  const options = (method.parsedOptions ?? []) as Record<string, unknown>[];
  return options.flatMap((option) => {
    const rule = option['(google.api.http)'] as HttpRule | undefined;
    return rule === undefined ? [] : [rule];
  });
}

function withAdditional(rule: HttpRule): HttpRule[] {
  const more = rule.additional_bindings ?? [];
  return [rule, ...(Array.isArray(more) ? more : [more])];
}

function routeOf(rule: HttpRule, method: protobuf.Method, grpcPath: string): Route[] {
  const verb = VERBS.find((name) => rule[name] !== undefined);
  const { resolvedRequestType: request, resolvedResponseType: response } = method;
  if (verb === undefined || request === null || response === null) return [];
  return [
    {
      verb: verb.toUpperCase(),
      template: compileTemplate(rule[verb] ?? ''),
      body: rule.body === '' ? undefined : rule.body,
      grpcPath,
      request,
      response,
    },
  ];
}
