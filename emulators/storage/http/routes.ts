import type { Answer } from './answer.ts';
import type { Call } from './call.ts';
import { invalid } from './refusal.ts';

export type Handler<S> = (service: S, call: Call) => Promise<Answer> | Answer;

/** One method of the JSON API. */
export interface Route<S> {
  /** `storage.objects.get`, as the discovery document names it. */
  id: string;
  verb: string;
  /** `b/{bucket}/o/{object}` */
  template: string;
  handle: Handler<S>;
}

interface Compiled<S> extends Route<S> {
  segments: readonly string[];
}

export interface Match<S> {
  route: Route<S>;
  params: Record<string, string>;
}

/** Finds the route of a path below the API's root; undefined where there is none. An object's name is one segment, encoded. */
export function routeTable<S>(routes: readonly Route<S>[]): (verb: string, path: string) => Match<S> | undefined {
  const compiled = routes.map((route): Compiled<S> => ({ ...route, segments: route.template.split('/') }));
  return (verb, path) => {
    const parts = path.split('/').filter((part) => part !== '');
    for (const route of compiled) {
      if (route.verb !== verb) continue;
      const params = paramsOf(route.segments, parts);
      if (params !== undefined) return { route, params };
    }
    return undefined;
  };
}

function paramsOf(segments: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? '';
    if (segment.startsWith('{')) params[segment.slice(1, -1)] = decode(part);
    else if (segment !== part) return undefined;
  }
  return params;
}

export function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw invalid(`${part} is not percent-encoded UTF-8: ${String(error)}`);
  }
}
