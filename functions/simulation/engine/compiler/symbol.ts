import { type Reading, toLogical, toNumber } from '../formula/coerce.ts';
import { isError, type Reference } from '../formula/value.ts';
import type { Builder, Condition, Real } from '../kernel/builder.ts';
import { poisoned } from '../kernel/exponential.ts';
import type { CellValue } from '../workbook/model.ts';

/**
 * What a piece of a formula is while compiling: known, or made per path. A guard is a number that is an error on the
 * paths where the condition could not be told. `either` keeps a choice between things of different kinds open until
 * something is done with it, which is then done with both.
 */
export type Symbolic =
  | { readonly kind: 'known'; readonly value: CellValue }
  | {
      readonly kind: 'real';
      readonly real: Real;
      /** Where it is known that a path's error can only be #N/A: when it is one. */
      readonly missing?: Condition;
    }
  | { readonly kind: 'truth'; readonly truth: Condition; readonly guard: Real | undefined }
  | { readonly kind: 'either'; readonly when: Truth; readonly yes: Scalar; readonly no: Scalar }
  | { readonly kind: 'grid'; readonly rows: number; readonly columns: number; readonly items: readonly Scalar[] }
  | { readonly kind: 'areas'; readonly reference: Reference };

export type Scalar = Exclude<Symbolic, { kind: 'grid' | 'areas' }>;
export type Truth = { readonly truth: Condition; readonly guard: Real | undefined };

export const known = (value: CellValue): Scalar => ({ kind: 'known', value });
export const real = (value: Real): Scalar => ({ kind: 'real', real: value });

/** As a number, with Excel's coercions; an error is what is not finite. */
export function asReal(k: Builder, symbol: Scalar, reading: Reading): Real {
  switch (symbol.kind) {
    case 'real':
      return symbol.real;
    case 'known': {
      const number = toNumber(symbol.value, reading);
      return k.constant(isError(number) ? Number.NaN : number);
    }
    case 'truth':
      return guarded(k, k.select(symbol.truth, k.constant(1), k.constant(0)), symbol.guard);
    case 'either': {
      const yes = asReal(k, symbol.yes, reading);
      return guarded(k, k.select(symbol.when.truth, yes, asReal(k, symbol.no, reading)), symbol.when.guard);
    }
  }
}

/** As a condition: a number is true where it is not 0. */
export function asTruth(k: Builder, symbol: Scalar, reading: Reading): Truth {
  if (symbol.kind === 'truth') return symbol;
  if (symbol.kind === 'known') {
    const truth = toLogical(symbol.value);
    return isError(truth)
      ? { truth: k.truth(false), guard: k.constant(Number.NaN) }
      : { truth: k.truth(truth), guard: undefined };
  }
  const number = asReal(k, symbol, reading);
  return { truth: k.not(k.compare('equal', number, k.constant(0))), guard: failing(k, number) };
}

/** The number itself where it can be an error. */
export function failing(k: Builder, x: Real): Real | undefined {
  return k.mayFail(x) ? x : undefined;
}

export function guarded(k: Builder, x: Real, guard: Real | undefined): Real {
  return guard === undefined ? x : poisoned(k, x, guard);
}

/** A guard that fails where either of two does. */
export function bothGuards(k: Builder, x: Real | undefined, y: Real | undefined): Real | undefined {
  if (x === undefined || y === undefined) return x ?? y;
  return k.add(k.subtract(x, x), k.subtract(y, y));
}

/** One symbol where the condition holds, the other where it does not. */
export function choose(k: Builder, when: Truth, yes: Scalar, no: Scalar, reading: Reading): Scalar {
  const settled = when.guard === undefined ? k.truthOf(when.truth) : undefined;
  if (settled !== undefined) return settled ? yes : no;
  if (isNumeric(yes) && isNumeric(no)) {
    const value = k.select(when.truth, asReal(k, yes, reading), asReal(k, no, reading));
    return real(guarded(k, value, when.guard));
  }
  if (isLogical(yes) && isLogical(no)) return chooseTruth(k, when, asTruth(k, yes, reading), asTruth(k, no, reading));
  return { kind: 'either', when, yes, no };
}

function chooseTruth(k: Builder, when: Truth, yes: Truth, no: Truth): Scalar {
  const truth = k.connect('or', k.connect('and', when.truth, yes.truth), k.connect('and', k.not(when.truth), no.truth));
  const zero = k.constant(0);
  const inner =
    yes.guard === undefined && no.guard === undefined
      ? undefined
      : k.select(when.truth, yes.guard ?? zero, no.guard ?? zero);
  return { kind: 'truth', truth, guard: bothGuards(k, when.guard, inner) };
}

function isNumeric(symbol: Scalar): boolean {
  if (symbol.kind !== 'known') return symbol.kind === 'real';
  return typeof symbol.value === 'number' || symbol.value === null || isError(symbol.value);
}

function isLogical(symbol: Scalar): boolean {
  return symbol.kind === 'truth' || (symbol.kind === 'known' && typeof symbol.value === 'boolean');
}

/** Does something with a symbol, alternative by alternative where it is a choice. */
export function distribute(k: Builder, symbol: Scalar, reading: Reading, apply: (one: Scalar) => Scalar): Scalar {
  if (symbol.kind !== 'either') return apply(symbol);
  const yes = distribute(k, symbol.yes, reading, apply);
  return choose(k, symbol.when, yes, distribute(k, symbol.no, reading, apply), reading);
}
