/** What lies at a path of a document, or undefined. */
export function valueAt(document: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (part, name) => (typeof part === 'object' && part !== null ? Reflect.get(part, name) : undefined),
    document,
  );
}

/** The targets of a document's references, by reference. */
export function referenceTargets(document: unknown): Map<string, unknown> {
  const references = Array.from(JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g), ([, path = '']) => path);
  return new Map(references.map((path) => [path, valueAt(document, ...path.split('/'))]));
}
