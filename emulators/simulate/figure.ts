import type { OutputStatistics } from '../../functions/simulation/engine/run/statistics.ts';

/** A number in at most seven digits, thousands parted. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return value.toExponential(4);
  return value.toLocaleString('en-US', { maximumSignificantDigits: 7 });
}

/** A probability in per cent, with as many digits as a rare one needs. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  if (share === 0 || share === 1) return `${100 * share} %`;
  const size = Math.min(share, 1 - share);
  return `${(100 * share).toFixed(size < 0.001 ? 4 : 2)} %`;
}

/** ` (#DIV/0! 80 %, #N/A 20 %)`, of the failing paths that were looked at; nothing where none was. */
export function errorKindsText({ errorKinds }: Pick<OutputStatistics, 'errorKinds'>): string {
  const kinds = Object.entries(errorKinds?.kinds ?? {});
  if (errorKinds === undefined || kinds.length === 0) return '';
  return ` (${kinds.map(([kind, count]) => `${kind} ${percent(count / errorKinds.looked)}`).join(', ')})`;
}
