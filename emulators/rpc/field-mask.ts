import { invalidArgument } from './status-error.ts';

export interface FieldMask {
  paths?: string[];
}

/**
 * A copy of `current` with the fields that the mask names taken from `next`; a field that `next` lacks is removed.
 * Only the fields in `mutable` (snake_case, as masks spell them; below them any path) may be named.
 */
export function applyMask<T extends object>(
  current: T,
  next: T,
  mask: FieldMask | undefined,
  mutable: readonly string[],
): T {
  const paths = mask?.paths ?? [];
  if (paths.length === 0) throw invalidArgument('The update_mask in the request must be set and not empty.');
  const result = structuredClone(current) as Record<string, unknown>;
  for (const path of paths) {
    const [top, ...below] = path.split('.').map(toCamelCase);
    if (top === undefined || !mutable.some((field) => toCamelCase(field) === top))
      throw invalidArgument(`Invalid update_mask provided in the request: '${path}' is not a mutable field.`);
    copyPath(result, next as Record<string, unknown>, top, below);
  }
  return result as T;
}

function copyPath(into: Record<string, unknown>, from: Record<string, unknown>, name: string, below: string[]): void {
  const [next, ...rest] = below;
  if (next === undefined) {
    if (from[name] === undefined) delete into[name];
    else into[name] = from[name];
    return;
  }
  const nested = (into[name] ?? {}) as Record<string, unknown>;
  copyPath(nested, (from[name] ?? {}) as Record<string, unknown>, next, rest);
  into[name] = nested;
}

function toCamelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
