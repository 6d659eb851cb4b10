/** Pictures are drawn in these units and scaled to the page. */
export const width = 440;
export const height = 250;
export const plot = { left: 52, right: width - 18, top: 12, bottom: height - 44 } as const;

export type Scale = (value: number) => number;

/** From values to places. */
export function scale(from: number, to: number, start: number, end: number): Scale {
  const span = to - from || 1;
  return (value) => start + ((value - from) / span) * (end - start);
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A picture with its name and what it says in words, for those who cannot see it. */
export function picture(name: string, description: string, content: string, tall = height): string {
  return `<svg viewBox="0 0 ${width} ${tall}" role="img" aria-label="${escaped(`${name}: ${description}`)}"><title>${escaped(name)}</title><desc>${escaped(description)}</desc>${content}</svg>`;
}

/** Round numbers over a range, about so many. */
export function ticksOver(low: number, high: number, count = 5): number[] {
  const span = high - low;
  if (!(span > 0)) return [low];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((one) => one * power >= rough) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

const units = [
  [1e12, 'T'],
  [1e9, 'bn'],
  [1e6, 'M'],
  [1e4, 'k'],
] as const;

/** Numbers on an axis: all in one unit, with the decimals that tell them apart. */
export function tickTexts(ticks: readonly number[]): string[] {
  const largest = Math.max(...ticks.map(Math.abs));
  const step = ticks.length > 1 ? Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0)) : largest || 1;
  const [size, name] = units.find(([least]) => largest >= least) ?? [1, ''];
  const scaled = name === 'k' ? 1000 : size;
  const decimals = Math.min(8, Math.max(0, Math.ceil(-Math.log10(step / scaled) - 1e-9) + (isQuarter(step) ? 1 : 0)));
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return ticks.map((tick) => {
    if (Math.abs(tick) < step * 1e-9) return '0';
    return `${(tick / scaled).toLocaleString('en-US', digits).replace('-', '−')}${name === '' ? '' : ` ${name}`}`;
  });
}

function isQuarter(step: number): boolean {
  return step > 0 && Math.abs(step / 10 ** Math.floor(Math.log10(step)) - 2.5) < 1e-6;
}

export function at(value: number): string {
  return value.toFixed(1);
}

/** The lower axis with its grid lines and its name. */
export function lowerAxis(
  x: Scale,
  ticks: readonly number[],
  name: string,
  texts = tickTexts(ticks),
  bottom: number = plot.bottom,
): string {
  const marks = ticks.map(
    (tick, index) =>
      `<line class="grid" x1="${at(x(tick))}" x2="${at(x(tick))}" y1="${plot.top}" y2="${bottom}"/><text x="${at(x(tick))}" y="${bottom + 16}" text-anchor="middle">${escaped(texts[index] ?? '')}</text>`,
  );
  return `${marks.join('')}<line class="axis" x1="${plot.left}" x2="${plot.right}" y1="${bottom}" y2="${bottom}"/><text class="name" x="${(plot.left + plot.right) / 2}" y="${bottom + 34}" text-anchor="middle">${escaped(name)}</text>`;
}

/** The left axis with its grid lines and its name. */
export function leftAxis(y: Scale, ticks: readonly number[], name: string, texts = tickTexts(ticks)): string {
  const marks = ticks.map(
    (tick, index) =>
      `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${at(y(tick))}" y2="${at(y(tick))}"/><text x="${plot.left - 6}" y="${at(y(tick) + 4)}" text-anchor="end">${escaped(texts[index] ?? '')}</text>`,
  );
  const middle = (plot.top + plot.bottom) / 2;
  return `${marks.join('')}<text class="name" transform="translate(11 ${middle}) rotate(-90)" text-anchor="middle">${escaped(name)}</text>`;
}

type Points = readonly (readonly [number, number])[];

export function polyline(points: Points, kind: string): string {
  return `<polyline class="${kind}" points="${points.map(([x, y]) => `${at(x)},${at(y)}`).join(' ')}"/>`;
}

/** The area between two lines. */
export function band(upper: Points, lower: Points, kind: string): string {
  return `<polygon class="${kind}" points="${[...upper, ...lower.toReversed()].map(([x, y]) => `${at(x)},${at(y)}`).join(' ')}"/>`;
}

/** A mark at a value, with a word at its upper end; on the side where there is room. */
export function flag(x: number, word: string, kind = 'flag', line = 0): string {
  const right = x < (plot.left + plot.right) / 2;
  return `<line class="${kind}" x1="${at(x)}" x2="${at(x)}" y1="${plot.top}" y2="${plot.bottom}"/><text class="word" x="${at(x + (right ? 4 : -4))}" y="${plot.top + 10 + 13 * line}" text-anchor="${right ? 'start' : 'end'}">${escaped(word)}</text>`;
}
