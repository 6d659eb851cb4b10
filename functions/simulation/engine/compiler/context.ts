import type { Distribution } from '../distributions/distribution.ts';
import type { Node } from '../formula/ast.ts';
import type { Position } from '../formula/call.ts';
import type { Environment } from '../formula/evaluator.ts';
import type { Area } from '../formula/value.ts';
import type { Builder, Real } from '../kernel/builder.ts';
import { BeyondCompiler } from './refusal.ts';
import type { Scalar, Symbolic } from './symbol.ts';

/** Where lowering stands, and what it reads from. */
export type Context = {
  readonly k: Builder;
  readonly position: Position;
  readonly arrays: boolean;
  readonly environment: Environment;
  readonly scope: ReadonlyMap<string, Symbolic>;
  /** What a cell holds. */
  readonly cell: (sheet: number, row: number, column: number) => Scalar;
  /** Whether any cell of an area differs from path to path. */
  readonly isRandom: (area: Area) => boolean;
  /** A sample for the random function that a call in this cell names. */
  readonly draw: (call: Node, distribution: Distribution) => Real;
  readonly cellName: string;
};

/** How a worksheet function is lowered; `call` is the whole call. */
export type Lowering = (
  nodes: readonly Node[],
  context: Context,
  table: Lowerings,
  call: Node & { readonly kind: 'call' },
) => Symbolic;
export type Lowerings = ReadonlyMap<string, Lowering>;

/** Why a formula is left to the formula engine: it does on random cells what has no compiled form. */
export function beyond(what: string, context: Context): BeyondCompiler {
  return new BeyondCompiler(`${what}`, context.cellName);
}
