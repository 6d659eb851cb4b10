/** Something that does not add up. */
export interface Finding {
  /** For people: what differs, and where. */
  difference: string;
  /** How many things should be there and are not. */
  lost: number;
  /** How many are there that should not be, or more than once. */
  duplicated: number;
}

const EXAMPLES = 3;

/** A finding where any are missing, naming the first few. */
export function missing(what: string, names: readonly string[]): Finding[] {
  return names.length === 0
    ? []
    : [{ difference: `${names.length} ${what}: ${few(names)}`, lost: names.length, duplicated: 0 }];
}

/** A finding where any are too many, naming the first few. */
export function surplus(what: string, names: readonly string[]): Finding[] {
  return names.length === 0
    ? []
    : [{ difference: `${names.length} ${what}: ${few(names)}`, lost: 0, duplicated: names.length }];
}

/** A finding where any have a wrong content, naming the first few. */
export function wrong(what: string, names: readonly string[]): Finding[] {
  return names.length === 0 ? [] : [{ difference: `${names.length} ${what}: ${few(names)}`, lost: 0, duplicated: 0 }];
}

/** A finding where a count is not what it should be. */
export function counted(what: string, actual: number, expected: number): Finding[] {
  if (actual === expected) return [];
  return [
    {
      difference: `${what}: ${actual}, not ${expected}`,
      lost: Math.max(0, expected - actual),
      duplicated: Math.max(0, actual - expected),
    },
  ];
}

function few(names: readonly string[]): string {
  const more = names.length - EXAMPLES;
  return names.slice(0, EXAMPLES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
