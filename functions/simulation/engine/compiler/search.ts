import { compareValues } from '../formula/compare.ts';
import { isError } from '../formula/value.ts';
import { equalTo } from '../functions/search.ts';
import type { Condition, Real } from '../kernel/builder.ts';
import { poisoned } from '../kernel/exponential.ts';
import { beyond, type Context } from './context.ts';
import { chosen, ordered } from './operators.ts';
import { samenessOf } from './same-number.ts';
import { asReal, distribute, failing, guarded, known, real, type Scalar } from './symbol.ts';

/** From here on a line of known numbers is searched by halving a table instead of key by key. */
const tabledKeys = 12;
/** A line of random keys longer than this is left to the formula engine. */
const mostRandomKeys = 512;

const notFound = known({ error: '#N/A' });

/** What a search is for, and what stands beside the keys. */
export type Search = {
  readonly key: Scalar;
  readonly keys: readonly Scalar[];
  readonly results: readonly Scalar[];
  /** What is found where nothing is. */
  readonly absent: Scalar;
};

/** The result beside the first (or last) equal key, as Excel's look-ups see equality: of one kind, blanks equal nothing. */
export function exactly(search: Search, context: Context, wildcards: boolean, backwards = false): Scalar {
  return bySearch(search, context, (key) => {
    const { keys, results, absent } = search;
    const numbers = key.kind === 'real' && keys.length >= tabledKeys ? knownNumbers(keys) : undefined;
    if (key.kind === 'real' && numbers !== undefined) {
      return exactInTable(numbers, key.real, search, backwards, context);
    }
    let result = absent;
    let hit = context.k.truth(false);
    const order = keys.map((_, index) => index);
    for (const index of backwards ? order : order.reverse()) {
      const truth = equals(keys[index] ?? known(null), key, context, wildcards);
      result = chosen({ truth, guard: undefined }, blankAsZero(results[index]), result, context);
      hit = context.k.connect('or', hit, truth);
    }
    return marked(result, hit, search, context);
  });
}

/** A key that is a choice is searched for choice by choice; one that is an error makes the result an error. */
function bySearch(search: Search, context: Context, find: (key: Scalar) => Scalar): Scalar {
  const { k, environment } = context;
  return distribute(k, search.key, environment.reading, (key) => {
    if (key.kind === 'known' && isError(key.value)) return key;
    const found = find(key.kind === 'known' && key.value === null ? known(0) : key);
    const guard = key.kind === 'truth' ? key.guard : key.kind === 'real' ? failing(k, key.real) : undefined;
    if (guard === undefined) return found;
    if (found.kind === 'known' || found.kind === 'real') {
      return real(guarded(k, asReal(k, found, environment.reading), guard));
    }
    return { kind: 'either', when: { truth: k.truth(true), guard }, yes: found, no: found };
  });
}

/** A found number whose only error is that nothing was found says so. */
function marked(result: Scalar, hit: Condition, { results, absent }: Search, context: Context): Scalar {
  if (result.kind !== 'real' || absent.kind !== 'known' || !isError(absent.value)) return result;
  const { k, environment } = context;
  const isSafe = results.every(
    (one) => !(one.kind === 'known' && isError(one.value)) && !k.mayFail(asReal(k, one, environment.reading)),
  );
  return isSafe && absent.value.error === '#N/A' ? { ...result, missing: k.not(hit) } : result;
}

function equals(candidate: Scalar, key: Scalar, context: Context, wildcards: boolean): Condition {
  const { k, environment } = context;
  if (candidate.kind === 'either') {
    const { when, yes, no } = candidate;
    const [a, b] = [equals(yes, key, context, wildcards), equals(no, key, context, wildcards)];
    const either = k.connect('or', k.connect('and', when.truth, a), k.connect('and', k.not(when.truth), b));
    return when.guard === undefined ? either : k.connect('and', either, isNumber(when.guard, context));
  }
  if (candidate.kind === 'known' && key.kind === 'known') {
    return k.truth(equalTo(key.value, wildcards)(candidate.value));
  }
  if (kindOf(candidate) !== kindOf(key) || kindOf(key) === undefined) return k.truth(false);
  const [a, b] = [asReal(k, candidate, environment.reading), asReal(k, key, environment.reading)];
  const same = ordered(k, a, b).same();
  return failing(k, a) === undefined ? same : k.connect('and', same, isNumber(a, context));
}

function kindOf(symbol: Scalar): 'number' | 'boolean' | 'string' | undefined {
  if (symbol.kind === 'real') return 'number';
  if (symbol.kind === 'truth') return 'boolean';
  if (symbol.kind !== 'known' || symbol.value === null || isError(symbol.value)) return undefined;
  const kind = typeof symbol.value;
  return kind === 'number' || kind === 'boolean' || kind === 'string' ? kind : undefined;
}

function isNumber(number: Real, { k }: Context): Condition {
  const rest = k.subtract(number, number);
  return k.compare('equal', rest, rest);
}

function blankAsZero(result: Scalar | undefined): Scalar {
  return result === undefined || (result.kind === 'known' && result.value === null) ? known(0) : result;
}

/** The numbers that keys are, by their place; undefined where one of them varies. */
function knownNumbers(keys: readonly Scalar[]): Map<number, number> | undefined {
  const numbers = new Map<number, number>();
  for (const [place, key] of keys.entries()) {
    if (key.kind !== 'known') return undefined;
    if (typeof key.value === 'number') numbers.set(place, key.value);
  }
  return numbers;
}

function exactInTable(
  numbers: ReadonlyMap<number, number>,
  key: Real,
  search: Search,
  backwards: boolean,
  context: Context,
): Scalar {
  const { k } = context;
  const places = [...numbers].sort(([p, a], [q, b]) => compareValues(a, b) || (backwards ? q - p : p - q));
  const distinct = places.filter(
    ([, value], at) => at === 0 || compareValues(places[at - 1]?.[1] ?? null, value) !== 0,
  );
  const place = countNotAbove(
    distinct.map(([, value]) => samenessOf(value).low),
    key,
    context,
  );
  const highs = [Number.NEGATIVE_INFINITY, ...distinct.map(([, value]) => samenessOf(value).high)];
  const hit = k.compare('lessOrEqual', key, k.lookup(k.table(Float64Array.from(highs)), place));
  const found = at([search.absent, ...distinct.map(([index]) => blankAsZero(search.results[index]))], place, context);
  return marked(chosen({ truth: hit, guard: undefined }, found, search.absent, context), hit, search, context);
}

/** How many of some ascending numbers are not above x: powers of two down to one, without a branch. */
function countNotAbove(limits: readonly number[], x: Real, { k }: Context): Real {
  let size = 1;
  while (size <= limits.length) size *= 2;
  const padded = new Float64Array(size).fill(Infinity);
  padded.set(limits);
  const table = k.table(padded);
  let place = k.constant(0);
  for (let step = size / 2; step >= 1; step /= 2) {
    const limit = k.lookup(table, k.add(place, k.constant(step - 1)));
    place = k.add(place, k.select(k.compare('lessOrEqual', limit, x), k.constant(step), k.constant(0)));
  }
  return k.bounded(place, { low: 0, high: limits.length });
}

/** The result at a place that varies, counted from 0. */
function at(results: readonly Scalar[], place: Real, context: Context): Scalar {
  const { k } = context;
  const numbers = results.map((one) => (one.kind === 'known' && typeof one.value === 'number' ? one.value : undefined));
  const [first, ...rest] = numbers;
  if (rest.every((value) => value !== undefined)) {
    const table = Float64Array.from([first ?? Number.NaN, ...rest]);
    return real(k.lookup(k.table(table), place));
  }
  return results.reduce<Scalar>(
    (found, result, index) =>
      chosen({ truth: k.compare('equal', place, k.constant(index)), guard: undefined }, result, found, context),
    notFound,
  );
}

/**
 * The result beside the last key not after the wanted one (in a descending line: not before), by halving as Excel
 * does, whatever order the keys turn out to be in.
 */
export function byHalving(search: Search, context: Context, direction: 'ascending' | 'descending'): Scalar {
  return bySearch(search, context, (key) => {
    const { keys } = search;
    if (key.kind === 'real' && direction === 'ascending' && keys.length >= tabledKeys) {
      const numbers = knownNumbers(keys);
      const places = numbers === undefined ? [] : [...numbers];
      const isSorted = places.every(([, value], index) => index === 0 || (places[index - 1]?.[1] ?? 0) <= value);
      if (numbers !== undefined && isSorted) return lastInTable(places, key.real, search, context);
    }
    if (keys.length > mostRandomKeys) throw beyond('a search in a long line of random cells', context);
    const found = halved(search, key, context, direction);
    const hits = halved({ ...search, results: keys.map(() => known(1)), absent: known(0) }, key, context, direction);
    const { k, environment } = context;
    const hit = k.compare('equal', asReal(k, hits, environment.reading), k.constant(1));
    return marked(found, hit, search, context);
  });
}

function lastInTable(
  places: readonly (readonly [number, number])[],
  key: Real,
  search: Search,
  context: Context,
): Scalar {
  const { k } = context;
  const place = countNotAbove(
    places.map(([, value]) => samenessOf(value).low),
    key,
    context,
  );
  const found = at([search.absent, ...places.map(([index]) => blankAsZero(search.results[index]))], place, context);
  return marked(found, k.compare('less', k.constant(0), place), search, context);
}

/** The middles that halving looks at follow from the outcomes before: a tree of comparisons, a leaf for each end. */
function halved(search: Search, key: Scalar, context: Context, direction: 'ascending' | 'descending'): Scalar {
  const { k, environment } = context;
  const { keys, results, absent } = search;
  const kind = kindOf(key);
  const numberOf = (index: number) => asReal(k, keys[index] ?? known(null), environment.reading);
  const isComparable = (index: number) => {
    const candidate = keys[index] ?? known(null);
    if (candidate.kind === 'either' || k.mayFail(numberOf(index))) throw beyond('a search among errors', context);
    return kind !== undefined && kindOf(candidate) === kind;
  };
  const nearest = (middle: number, low: number, high: number): number => {
    for (let index = middle; index <= high; index += 1) if (isComparable(index)) return index;
    for (let index = middle - 1; index >= low; index -= 1) if (isComparable(index)) return index;
    return -1;
  };
  if (kind === 'string') {
    // A text is known, and so are all that it can be compared with.
    throw beyond('a search for a text by halving', context);
  }
  const wanted = asReal(k, key, environment.reading);
  const compare = (index: number) => ordered(k, numberOf(index), wanted);
  const resultAt = (index: number) => (index < 0 ? absent : blankAsZero(results[index]));
  const lastEqual = new Map<number, Scalar>();
  const equalFrom = (index: number): Scalar => {
    const standing = lastEqual.get(index);
    if (standing !== undefined) return standing;
    const goesOn = index + 1 < keys.length && isComparable(index + 1);
    const here = resultAt(index);
    const truth = goesOn ? compare(index + 1).same() : k.truth(false);
    const found = goesOn ? chosen({ truth, guard: undefined }, equalFrom(index + 1), here, context) : here;
    lastEqual.set(index, found);
    return found;
  };
  const halve = (low: number, high: number, found: number): Scalar => {
    const place = low > high ? -1 : nearest((low + high) >> 1, low, high);
    if (place < 0) return resultAt(found);
    const middle = (low + high) >> 1;
    const { below, same, above } = compare(place);
    const onward = halve(Math.max(middle, place) + 1, high, place);
    const back = halve(low, Math.min(middle, place) - 1, found);
    const goesOn = direction === 'ascending' ? below() : above();
    const rest = chosen({ truth: goesOn, guard: undefined }, onward, back, context);
    return chosen({ truth: same(), guard: undefined }, equalFrom(place), rest, context);
  };
  return halve(0, keys.length - 1, -1);
}

/** The result beside the equal key, else beside the next smaller (or larger) one, wherever it stands. */
export function nearestTo(search: Search, context: Context, side: 'smaller' | 'larger', backwards: boolean): Scalar {
  return bySearch(search, context, (key) => {
    const { k, environment } = context;
    if (kindOf(key) !== 'number') throw beyond('the nearest of what are no numbers', context);
    const wanted = asReal(k, key, environment.reading);
    let best = k.constant(side === 'smaller' ? -Infinity : Infinity);
    let result = search.absent;
    const order = search.keys.map((_, index) => index);
    for (const index of backwards ? order.reverse() : order) {
      const candidate = search.keys[index] ?? known(null);
      if (candidate.kind === 'known' && candidate.value === null) continue;
      const value = asReal(k, candidate, environment.reading);
      if (kindOf(candidate) !== 'number' || k.mayFail(value)) throw beyond('the nearest among errors', context);
      const beside = ordered(k, value, wanted);
      const isBetter = side === 'smaller' ? k.compare('less', best, value) : k.compare('less', value, best);
      const truth = k.connect('and', side === 'smaller' ? beside.below() : beside.above(), isBetter);
      best = k.select(truth, value, best);
      result = chosen({ truth, guard: undefined }, blankAsZero(search.results[index]), result, context);
    }
    return exactly({ ...search, key, absent: result }, context, false, backwards);
  });
}

/** A number, or an error where it is no whole place from 1 on. */
export function wholePlace(place: Real, count: number, context: Context): Real {
  const { k } = context;
  const { low, high } = k.rangeOf(place);
  if (low >= 1 && high < count + 1) return place;
  const inside = k.connect(
    'and',
    k.compare('lessOrEqual', k.constant(1), place),
    k.compare('less', place, k.constant(count + 1)),
  );
  return poisoned(k, k.select(inside, place, k.constant(Number.NaN)), place);
}
