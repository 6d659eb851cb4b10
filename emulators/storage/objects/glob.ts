import { invalid } from '../http/refusal.ts';

/**
 * A pattern of `matchGlob`: `*` and `?` stay within a part between slashes, `**` does not, `[a-z]` and `[!a]` are one
 * character, `{a,b}` one of several. @throws Refusal
 */
export function globMatcher(glob: string): (name: string) => boolean {
  let expression: RegExp;
  try {
    expression = new RegExp(`^${expressionOf(glob)}$`, 'su');
  } catch (error) {
    throw invalid(`Invalid matchGlob: ${error instanceof Error ? error.message : String(error)}`, 'matchGlob');
  }
  return (name) => expression.test(name);
}

const TOKEN = /\\.|\*\*\/|\*\*|\*|\?|\[(?:!|\^)?[^\]]+\]|[{},]|./gsu;

function expressionOf(glob: string): string {
  let depth = 0;
  let expression = '';
  for (const [token] of glob.matchAll(TOKEN)) {
    if (token === '{') depth++;
    if (token === '}') depth--;
    expression += partOf(token, depth);
  }
  return expression;
}

function partOf(token: string, depth: number): string {
  if (token === '**/') return '(?:.*/)?';
  if (token === '**') return '.*';
  if (token === '*') return '[^/]*';
  if (token === '?') return '[^/]';
  if (token === '{') return '(?:';
  if (token === '}') return ')';
  if (token === ',') return depth > 0 ? '|' : ',';
  if (token.startsWith('[') && token.length > 1) return classOf(token);
  const literal = token.startsWith('\\') ? token.slice(1) : token;
  return literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function classOf(token: string): string {
  const isNegated = token[1] === '!' || token[1] === '^';
  const characters = token.slice(isNegated ? 2 : 1, -1).replace(/[\\[\]&^|()/{}]/g, '\\$&');
  return `[${isNegated ? '^' : ''}${characters}]`;
}
