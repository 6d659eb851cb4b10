import { invalidArgument } from '../rpc/status-error.ts';

const TERM = /^\s*(?:AND\s+)?(-|NOT\s+)?([a-z_.A-Z0-9-]+)\s*(!=|=|:)\s*("(?:[^"\\]|\\.)*"|[^\s()"]+)/;

/**
 * The part of cloud.google.com/secret-manager/docs/filtering that is built: terms `field:text` (contains), `field=text`
 * and `field!=text`, negated with `-` or NOT, joined by AND or a space. `fieldOf` reads a field, or throws. The rest of
 * the grammar is INVALID_ARGUMENT.
 */
export function parseListFilter<T>(
  filter: string | undefined,
  fieldOf: (item: T, field: string) => string,
): (item: T) => boolean {
  const terms: ((item: T) => boolean)[] = [];
  let rest = (filter ?? '').trim();
  while (rest !== '') {
    const match = TERM.exec(rest);
    if (match === null) throw invalidArgument(`Invalid filter near [${rest}].`);
    const [whole, negated, field = '', operator, quoted = ''] = match;
    const text = quoted.startsWith('"') ? quoted.slice(1, -1).replace(/\\(.)/g, '$1') : quoted;
    terms.push((item) => {
      const value = fieldOf(item, field);
      const holds = operator === ':' ? value.toLowerCase().includes(text.toLowerCase()) : value === text;
      return (holds !== (negated !== undefined)) !== (operator === '!=');
    });
    rest = rest.slice(whole.length).trim();
  }
  return (item) => terms.every((holds) => holds(item));
}
