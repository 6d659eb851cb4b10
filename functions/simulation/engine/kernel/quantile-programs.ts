import { createBuilder } from './builder.ts';
import { normalQuantileCentral, normalQuantileFar, normalQuantileTail, tailDepth } from './normal.ts';
import type { Program } from './program.ts';

/** The pieces of the inverse normal as programs of their own; column 0 is p, column 1 the depth. */
export function quantileProgram(piece: 'central' | 'depth' | 'tail' | 'far'): Program {
  const k = createBuilder();
  const p = k.column(0, { low: 2 ** -53, high: 1 });
  const depth = piece === 'tail' || piece === 'far' ? k.column(1, { low: 0, high: 40 }) : p;
  const results = {
    central: () => normalQuantileCentral(k, p),
    depth: () => tailDepth(k, p),
    tail: () => normalQuantileTail(k, p, depth),
    far: () => normalQuantileFar(k, p, depth),
  };
  return k.finish([results[piece]()]);
}
