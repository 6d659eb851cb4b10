import {
  type Distribution,
  fromNormal,
  fromUniform,
  normalRange,
  uniformRange,
} from '../distributions/distribution.ts';
import type { Builder, Real } from '../kernel/builder.ts';

/** One column of samples: whose stream it is, and whether its uniforms are wanted as normals. */
export type SampleColumn = { readonly identity: string; readonly from: 'uniform' | 'normal'; readonly label: string };

/** The columns of samples that a model reads, one for each identity. */
export type Draws = {
  readonly columns: readonly SampleColumn[];
  readonly column: (identity: string, from: SampleColumn['from'], label: string) => Real;
  /** A value of the distribution, from the stream of that identity. */
  readonly draw: (identity: string, distribution: Distribution) => Real;
};

/** Columns in the order they are asked for, after those of `standing`, which keep their places. */
export function createDraws(k: Builder, standing: readonly SampleColumn[]): Draws {
  const columns = [...standing];
  const places = new Map(columns.map(({ identity }, place) => [identity, place]));

  function placed(identity: string, from: SampleColumn['from'], label: string): { real: Real; from: typeof from } {
    const place = places.get(identity) ?? columns.length;
    if (place === columns.length) {
      columns.push({ identity, from, label });
      places.set(identity, place);
    }
    const kind = columns[place]?.from ?? from;
    return { real: k.column(place, kind === 'normal' ? normalRange : uniformRange), from: kind };
  }

  return {
    columns,
    column: (identity, from, label) => placed(identity, from, label).real,
    draw: (identity, distribution) => {
      const { real, from } = placed(identity, distribution.sample.from, distribution.name);
      return from === 'normal' ? fromNormal(k, distribution, real) : fromUniform(k, distribution, real);
    },
  };
}
