/** A URL path of google.api.http, ready to match: what its variables were is in the groups of the pattern. */
export interface PathTemplate {
  match(path: string): Map<string, string> | undefined;
}

const TOKEN = /\{([^}=]+)(?:=([^}]+))?\}|([^{]+)/g;
const WILDCARD = /\*\*|\*/g;

/**
 * Compiles a template such as `/v1/{name=projects/*\/topics/*}:publish` (google/api/http.proto, "Path template syntax").
 * A match is the variables by field path, percent-decoded; without one, undefined.
 */
export function compileTemplate(template: string): PathTemplate {
  const fields: string[] = [];
  let pattern = '';
  for (const [, field, value, literal] of template.matchAll(TOKEN)) {
    if (field === undefined) pattern += wildcards(literal ?? '');
    else {
      fields.push(field);
      pattern += `(${wildcards(value ?? '*')})`;
    }
  }
  // Only the last segment ends before a colon: projects may have one in their name.
  const expression = new RegExp(`^${pattern.replace(/\[\^\/\]\+(\)?)$/, '[^/:]+$1')}$`);
  return {
    match(path) {
      const match = expression.exec(path);
      return match === null
        ? undefined
        : new Map(fields.map((field, index) => [field, decodePath(match[index + 1] ?? '')]));
    },
  };
}

function wildcards(text: string): string {
  let pattern = '';
  let from = 0;
  for (const match of text.matchAll(WILDCARD)) {
    pattern += RegExp.escape(text.slice(from, match.index)) + (match[0] === '**' ? '.*?' : '[^/]+');
    from = match.index + match[0].length;
  }
  return pattern + RegExp.escape(text.slice(from));
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    // A stray percent sign means itself.
    if (error instanceof URIError) return path;
    throw error;
  }
}
