import type { Call } from '../http/call.ts';
import { conditionNotMet, invalid, notModified } from '../http/refusal.ts';

interface Versioned {
  generation: number | string;
  metageneration: number;
}

const MATCHES = [
  ['GenerationMatch', (target: Versioned) => target.generation, true],
  ['GenerationNotMatch', (target: Versioned) => target.generation, false],
  ['MetagenerationMatch', (target: Versioned) => target.metageneration, true],
  ['MetagenerationNotMatch', (target: Versioned) => target.metageneration, false],
] as const;

/**
 * Checks ifGenerationMatch and its kin in the query against what is there now; undefined where nothing is. `prefix` is
 * `ifSource` for the other end of a copy. On a read, what has not changed is answered with 304. @throws Refusal
 */
export function checkPreconditions(
  query: URLSearchParams,
  target: Versioned | undefined,
  { prefix = 'if', reads = false }: { prefix?: string; reads?: boolean } = {},
): void {
  for (const [name, versionOf, wanted] of MATCHES) {
    const parameter = `${prefix}${name}`;
    const expected = query.get(parameter);
    if (expected === null) continue;
    if (!/^-?\d+$/.test(expected)) throw invalid(`Invalid value for ${parameter}: ${expected}`, parameter);
    const actual = target === undefined ? (name.startsWith('Generation') ? '0' : undefined) : String(versionOf(target));
    if ((actual === expected) === wanted) continue;
    throw wanted || !reads ? conditionNotMet(wanted ? 'If-Match' : 'If-None-Match') : notModified();
  }
}

/** The generation that a request names; undefined for the live one. @throws Refusal */
export function generationOf(call: Call, parameter = 'generation'): number | undefined {
  const text = call.query.get(parameter);
  if (text === null || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw invalid(`Invalid value for ${parameter}: ${text}`, parameter);
  return Number(text);
}
