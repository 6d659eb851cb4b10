/** Where a function was looked at, and what it was there. */
export type Point = { readonly x: number; readonly y: number };

export type Search =
  | { readonly kind: 'found'; readonly at: Point; readonly tries: number }
  /** The sign changes between two points that lie as close as numbers can, and the value does not come near. */
  | { readonly kind: 'jump'; readonly below: Point; readonly above: Point; readonly tries: number }
  /** No change of sign: the points looked at with the least and the greatest value. */
  | { readonly kind: 'none'; readonly least: Point; readonly greatest: Point; readonly tries: number };

export type SearchBounds = { readonly low: number; readonly high: number };

const steps = 40;
const halvings = 200;

/**
 * Where a function comes within a tolerance of 0: from a start outwards in steps that grow until the sign changes,
 * then inwards by R. P. Brent's rule of thumb: the secant's point where it falls well inside, the middle otherwise.
 */
export async function rootNear(
  value: (x: number) => Promise<number>,
  start: number,
  tolerance: number,
  bounds: SearchBounds | undefined,
): Promise<Search> {
  const seen: Point[] = [];
  const look = async (x: number): Promise<Point> => {
    const point = { x, y: await value(x) };
    if (Number.isFinite(point.y)) seen.push(point);
    return point;
  };
  const first = await look(start);
  if (Math.abs(first.y) <= tolerance) return { kind: 'found', at: first, tries: 1 };
  const bracket = bounds === undefined ? await widened(look, first) : await within(look, bounds, first);
  if (bracket === undefined) {
    const ordered = seen.toSorted((a, b) => a.y - b.y);
    return { kind: 'none', least: ordered[0] ?? first, greatest: ordered.at(-1) ?? first, tries: seen.length };
  }
  let [a, b] = bracket;
  for (let turn = 0; turn < halvings; turn += 1) {
    const best = Math.abs(a.y) < Math.abs(b.y) ? a : b;
    if (Math.abs(best.y) <= tolerance) return { kind: 'found', at: best, tries: seen.length };
    const middle = a.x + (b.x - a.x) / 2;
    if (Math.abs(b.x - a.x) <= 1e-14 * Math.max(Math.abs(a.x), Math.abs(b.x)) || middle === a.x || middle === b.x)
      break;
    const secant = b.x - (b.y * (b.x - a.x)) / (b.y - a.y);
    const [low, high] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
    const margin = 0.01 * (high - low);
    const inside = turn % 3 !== 2 && secant > low && secant < high;
    const x = inside ? Math.min(high - margin * 0.01, Math.max(low + margin * 0.01, secant)) : middle;
    let point = await look(x);
    if (!Number.isFinite(point.y)) point = await look(middle);
    if (!Number.isFinite(point.y)) break;
    if (Math.sign(point.y) === Math.sign(a.y)) a = point;
    else b = point;
  }
  const [below, above] = a.x < b.x ? [a, b] : [b, a];
  return { kind: 'jump', below, above, tries: seen.length };
}

type Look = (x: number) => Promise<Point>;

/** Outwards on both sides, each step 1.6 times the last. */
async function widened(look: Look, first: Point): Promise<[Point, Point] | undefined> {
  let step = Math.max(Math.abs(first.x) * 0.01, 1e-3);
  let [left, right] = [first, first];
  for (let turn = 0; turn < steps; turn += 1) {
    const further = await look(right.x + step);
    if (changes(right, further)) return [right, further];
    if (Number.isFinite(further.y)) right = further;
    const back = await look(left.x - step);
    if (changes(back, left)) return [back, left];
    if (Number.isFinite(back.y)) left = back;
    step *= 1.6;
  }
  return undefined;
}

const parts = 32;

/** The first of evenly spread stretches on which the sign changes. */
async function within(look: Look, { low, high }: SearchBounds, first: Point): Promise<[Point, Point] | undefined> {
  let before = await look(low);
  for (let part = 1; part <= parts; part += 1) {
    const next = await look(low + ((high - low) * part) / parts);
    if (changes(before, next)) return [before, next];
    if (Number.isFinite(next.y)) before = next;
  }
  return changes(before, first) ? [before, first] : undefined;
}

function changes(a: Point, b: Point): boolean {
  return Number.isFinite(a.y) && Number.isFinite(b.y) && Math.sign(a.y) !== Math.sign(b.y);
}
