import type binaryen from 'binaryen';
import { allocateLocals, bitsOf, countUses, lower, pooled, type Shared, type Target } from './lowering.ts';
import { centralHalfWidth, farDepth } from './normal.ts';
import { philoxMultipliers, philoxRounds, philoxWeyl } from './philox.ts';
import type { Program } from './program.ts';
import { quantileProgram } from './quantile-programs.ts';

type Module = binaryen.Module;
type Expression = binaryen.ExpressionRef;

/** Working memory of the samplers: round keys, then the tail's probabilities and where they belong. */
export type SamplerMemory = { readonly roundKeys: number; readonly tailValues: number; readonly tailPlaces: number };

export const roundKeyBytes = philoxRounds * 2 * 16;

/**
 * uniform(column, paths, blockLow, blockHigh, word2, word3, key0, key1): eight paths a turn, four Philox blocks in the
 * lanes of each vector. `paths` is a multiple of 8, `blockLow` of 4; blockLow must not wrap on the way.
 */
export function addUniform(shared: Shared, memory: SamplerMemory): void {
  const { module } = shared;
  const { v128, i32 } = shared.binaryen;
  const [column, paths, blockLow, blockHigh, word2, word3, key0, key1] = [0, 1, 2, 3, 4, 5, 6, 7];
  const locals = allocateLocals(8);
  const get = (local: number) => module.local.get(local, i32);
  const vector = (local: number) => module.local.get(local, v128);
  const end = locals.reserve(i32);
  const low = locals.reserve(v128);
  const words = [0, 1, 2, 3].map(() => locals.reserve(v128));
  const products = [0, 1, 2, 3].map(() => locals.reserve(v128));
  const [w0 = 0, w1 = 0, w2 = 0, w3 = 0] = words;

  const keys = Array.from({ length: philoxRounds }, (_, round) =>
    [key0, key1].map((key, half) => {
      const weyl = half === 0 ? philoxWeyl[0] : philoxWeyl[1];
      const bumped = module.i32.add(get(key ?? 0), module.i32.const(Math.imul(weyl, round) | 0));
      return module.v128.store(
        memory.roundKeys + (round * 2 + half) * 16,
        16,
        module.i32.const(0),
        module.i32x4.splat(bumped),
      );
    }),
  ).flat();

  const rounds = Array.from({ length: philoxRounds }, (_, round) => {
    const key = (half: number) => module.v128.load(memory.roundKeys + (round * 2 + half) * 16, 16, module.i32.const(0));
    const [p0 = 0, p1 = 0, p2 = 0, p3 = 0] = products;
    const multiplier = (half: 0 | 1) => integerPair(shared, BigInt(philoxMultipliers[half] >>> 0));
    const lows = (a: number, b: number) => shuffled(module, vector(a), vector(b), [0, 2, 4, 6]);
    const highs = (a: number, b: number) => shuffled(module, vector(a), vector(b), [1, 3, 5, 7]);
    const set = module.local.set;
    return [
      set(p0, module.i64x2.extmul_low_i32x4_u(vector(w0), multiplier(0))),
      set(p1, module.i64x2.extmul_high_i32x4_u(vector(w0), multiplier(0))),
      set(p2, module.i64x2.extmul_low_i32x4_u(vector(w2), multiplier(1))),
      set(p3, module.i64x2.extmul_high_i32x4_u(vector(w2), multiplier(1))),
      set(w0, module.v128.xor(module.v128.xor(highs(p2, p3), vector(w1)), key(0))),
      set(w2, module.v128.xor(module.v128.xor(highs(p0, p1), vector(w3)), key(1))),
      set(w1, lows(p2, p3)),
      set(w3, lows(p0, p1)),
    ];
  }).flat();

  const stores = (
    [
      [w0, w1, [0, 4, 1, 5]],
      [w0, w1, [2, 6, 3, 7]],
      [w2, w3, [0, 4, 1, 5]],
      [w2, w3, [2, 6, 3, 7]],
    ] as const
  ).map(([a, b, lanes], place) =>
    module.v128.store(place * 16, 16, get(column), unitInterval(shared, shuffled(module, vector(a), vector(b), lanes))),
  );

  const body = module.loop(
    'more',
    module.block(null, [
      module.local.set(w0, vector(low)),
      module.local.set(w1, module.i32x4.splat(get(blockHigh))),
      module.local.set(w2, module.i32x4.splat(get(word2))),
      module.local.set(w3, module.i32x4.splat(get(word3))),
      ...rounds,
      ...stores,
      module.local.set(low, module.i32x4.add(vector(low), module.i32x4.splat(module.i32.const(4)))),
      module.local.set(column, module.i32.add(get(column), module.i32.const(64))),
      module.br('more', module.i32.lt_u(get(column), get(end))),
    ]),
  );
  const setup = [
    ...keys,
    module.local.set(end, module.i32.add(get(column), module.i32.shl(get(paths), module.i32.const(3)))),
    module.local.set(low, module.i32x4.add(module.i32x4.splat(get(blockLow)), laneNumbers(module))),
  ];
  addExported(shared, 'uniform', 8, locals.types, module.block(null, [...setup, body]));
}

function laneNumbers(module: Module): Expression {
  return module.v128.const([0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
}

/** A 32-bit word in all four lanes, as a pooled pair. */
function integerPair(shared: Shared, word: bigint): Expression {
  return pooled(shared, (word << 32n) | word);
}

/** binaryen 132 has the instruction under i8x16; its type declarations put it under v128. */
type Shuffle = { readonly shuffle: (left: Expression, right: Expression, mask: readonly number[]) => Expression };

function shuffled(module: Module, a: Expression, b: Expression, lanes: readonly number[]): Expression {
  const { shuffle } = module.i8x16 as unknown as Shuffle;
  const bytes = lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte));
  return shuffle(a, b, bytes);
}

/** 64 random bits to (k + 1/2) / 2^52: the top 52 bits under the exponent of 1, less 1 - 2^-53. */
function unitInterval(shared: Shared, pattern: Expression): Expression {
  const { module } = shared;
  const load = (pattern: bigint) => pooled(shared, pattern);
  const mantissa = module.i64x2.shr_u(pattern, module.i32.const(12));
  const oneToTwo = module.v128.or(mantissa, load(0x3ffn << 52n));
  return module.f64x2.sub(oneToTwo, load(bitsOf(1 - 2 ** -53)));
}

/**
 * normal(column, paths): turns uniforms into standard normals in place. The centre is done for every path; what lies
 * in the tails is listed on the way, without a branch, and done two by two afterwards.
 */
export function addNormal(shared: Shared, memory: SamplerMemory): void {
  const { module } = shared;
  const { v128, i32 } = shared.binaryen;
  const [column, paths] = [0, 1];
  const locals = allocateLocals(2);
  const get = (local: number) => module.local.get(local, i32);
  const [at, end, listed, mask] = [0, 1, 2, 3].map(() => locals.reserve(i32)) as [number, number, number, number];
  const p = locals.reserve(v128);
  const vector = (local: number) => module.local.get(local, v128);
  const target: Target = { ...shared, locals, readColumn: () => vector(p), tableAddress: () => 0 };

  const distance = module.f64x2.abs(module.f64x2.sub(vector(p), pooled(target, bitsOf(0.5))));
  const outside = module.f64x2.gt(distance, pooled(target, bitsOf(centralHalfWidth)));
  const list = (lane: 0 | 1) => [
    module.v128.store64_lane(memory.tailValues, 8, lane, get(listed), vector(p)),
    module.i32.store(memory.tailPlaces, 4, get(listed), module.i32.add(get(at), module.i32.const(lane * 8))),
    module.local.set(
      listed,
      module.i32.add(
        get(listed),
        lane === 0
          ? module.i32.shl(module.i32.and(get(mask), module.i32.const(1)), module.i32.const(3))
          : module.i32.and(module.i32.shl(get(mask), module.i32.const(2)), module.i32.const(8)),
      ),
    ),
  ];
  const central = inline(target, quantileProgram('central'));
  const centre = module.loop(
    'centre',
    module.block(null, [
      module.local.set(p, module.v128.load(0, 16, get(at))),
      module.local.set(mask, module.i64x2.bitmask(outside)),
      ...list(0),
      ...list(1),
      ...central.statements,
      module.v128.store(0, 16, get(at), central.result),
      module.local.set(at, module.i32.add(get(at), module.i32.const(16))),
      module.br('centre', module.i32.lt_u(get(at), get(end))),
    ]),
  );

  const depthProgram = inline(target, quantileProgram('depth'));
  const depth = locals.reserve(v128);
  const result = locals.reserve(v128);
  const withDepth: Target = { ...target, readColumn: (number) => vector(number === 0 ? p : depth) };
  const near = inline(withDepth, quantileProgram('tail'));
  const far = inline(withDepth, quantileProgram('far'));
  const beyond = () => module.f64x2.gt(vector(depth), pooled(target, bitsOf(farDepth)));
  const scatter = (lane: 0 | 1) =>
    module.v128.store64_lane(0, 8, lane, module.i32.load(memory.tailPlaces + lane * 8, 4, get(at)), vector(result));
  const tails = module.loop(
    'tails',
    module.if(
      module.i32.lt_u(get(at), get(listed)),
      module.block(null, [
        module.local.set(p, module.v128.load(memory.tailValues, 8, get(at))),
        ...depthProgram.statements,
        module.local.set(depth, depthProgram.result),
        ...near.statements,
        module.local.set(result, near.result),
        module.if(
          module.v128.any_true(beyond()),
          module.block(null, [
            ...far.statements,
            module.local.set(result, module.v128.bitselect(far.result, vector(result), beyond())),
          ]),
        ),
        scatter(0),
        scatter(1),
        module.local.set(at, module.i32.add(get(at), module.i32.const(16))),
        module.br('tails'),
      ]),
    ),
  );
  // The last pair may be half empty: what is left over repeats the first path, once done already, at its own place.
  const pad = [
    module.f64.store(memory.tailValues, 8, get(listed), module.f64.const(0.01)),
    module.i32.store(memory.tailPlaces, 4, get(listed), module.i32.const(memory.tailPlaces - 16)),
  ];
  const body = module.block(null, [
    module.local.set(at, get(column ?? 0)),
    module.local.set(end, module.i32.add(get(column ?? 0), module.i32.shl(get(paths ?? 0), module.i32.const(3)))),
    module.local.set(listed, module.i32.const(0)),
    centre,
    ...pad,
    module.local.set(at, module.i32.const(0)),
    tails,
  ]);
  addExported(shared, 'normal', 2, locals.types, body);
}

function inline(target: Target, program: Program): { statements: Expression[]; result: Expression } {
  const uses = countUses(program);
  const lowered = lower(target, program, 0, program.operations.length, uses, () => 0);
  return { statements: lowered.statements, result: lowered.read(program.outputs[0] ?? 0) };
}

function addExported(shared: Shared, name: string, parameters: number, locals: number[], body: Expression): void {
  const { binaryen, module } = shared;
  const types = binaryen.createType(Array.from({ length: parameters }, () => binaryen.i32));
  module.addFunction(name, types, binaryen.none, locals, body);
  module.addFunctionExport(name, name);
}
