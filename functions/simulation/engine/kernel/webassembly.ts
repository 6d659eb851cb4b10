import { allocateLocals, type ConstantPool, countUses, lower, type Shared, type Target } from './lowering.ts';
import { partSize, spilledValues } from './parts.ts';
import { type Program, pruned } from './program.ts';
import { addNormal, addUniform, roundKeyBytes } from './sampler-code.ts';

/** A compiled model: the module's bytes, and where its columns lie. Plain data, so that workers can be sent it. */
export type CompiledModel = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Paths that one call of `model` takes at most; a multiple of 8. */
  readonly block: number;
  /** The address of each column of samples, and of each output's column. */
  readonly columns: readonly number[];
  readonly outputs: readonly number[];
};

const pageBytes = 65_536;
const pooledConstants = 4096;

/**
 * Compiles a program to a WebAssembly module with its samplers. Exports: `memory`; `uniform` and `normal` (see
 * sampler-code.ts); `model(paths)`, which reads the columns and writes the outputs' for an even number of paths.
 */
export async function compileToWebAssembly(source: Program): Promise<CompiledModel> {
  const { default: toolkit } = await import('binaryen');
  const program = pruned(source);
  const block = program.operations.length > 20_000 ? 64 : 512;
  const columnBytes = block * 8;
  const module = new toolkit.Module();
  module.setFeatures(toolkit.Features.SIMD128 | toolkit.Features.NontrappingFPToInt | toolkit.Features.MutableGlobals);

  // Loads and stores name the memory that stands when they are made; its size and contents are settled last.
  module.setMemory(1, 1, 'memory');

  const constants = constantPool(64);
  const samplers = 64 + countConstants(program) * 16;
  const roundKeys = samplers + pooledConstants;
  const tailValues = roundKeys + roundKeyBytes;
  const tailPlaces = tailValues + columnBytes + 64;
  let next = tailPlaces + columnBytes + 64;
  const take = (bytes: number) => {
    const address = next;
    next += bytes;
    return address;
  };
  const columns = Array.from({ length: program.columns }, () => take(columnBytes));
  const outputs = program.outputs.map(() => take(columnBytes));
  const tables = program.tables.map((values) => take(Math.ceil(values.length / 2) * 16));
  const shared: Shared = { binaryen: toolkit, module, pool: constants };

  addUniform(shared, { roundKeys, tailValues, tailPlaces });
  addNormal(shared, { roundKeys, tailValues, tailPlaces });
  addModel(shared, program, { columns, outputs, tables, spill: () => take(columnBytes) });

  const segments = [{ offset: module.i32.const(0), data: constants.bytes() }];
  program.tables.forEach((values, table) => {
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    segments.push({ offset: module.i32.const(tables[table] ?? 0), data });
  });
  const pages = Math.ceil(next / pageBytes);
  module.setMemory(pages, pages, null, segments);
  const bytes = Uint8Array.from(module.emitBinary());
  module.dispose();
  return { bytes, block, columns, outputs };
}

/** Where a constant lies is settled when it is first asked for. */
function constantPool(start: number): ConstantPool & { readonly bytes: () => Uint8Array } {
  const addresses = new Map<bigint, number>();
  return {
    addressOf: (pattern) => {
      const standing = addresses.get(pattern);
      if (standing !== undefined) return standing;
      const address = start + addresses.size * 16;
      addresses.set(pattern, address);
      return address;
    },
    bytes: () => {
      const words = new BigUint64Array(start / 8 + addresses.size * 2);
      for (const [pattern, address] of addresses) words.fill(pattern, address / 8, address / 8 + 2);
      return new Uint8Array(words.buffer);
    },
  };
}

function countConstants(program: Program): number {
  return program.operations.reduce((count, operation) => (operation === 'constant' ? count + 1 : count), 0);
}

type Places = {
  readonly columns: readonly number[];
  readonly outputs: readonly number[];
  readonly tables: readonly number[];
  readonly spill: () => number;
};

/** The model as a chain of functions over the block; a value that a later part reads lies in a column between them. */
function addModel(shared: Shared, program: Program, places: Places): void {
  const { binaryen: toolkit, module } = shared;
  const uses = countUses(program);
  const spilled = spilledValues(program, places.spill);
  // A value for a later part has a local whatever its uses: its own part stores it at the end.
  for (const position of spilled.keys()) uses[position] = 2;
  const calls: number[] = [];
  for (let start = 0, part = 0; start < program.operations.length; start += partSize, part += 1) {
    const end = Math.min(start + partSize, program.operations.length);
    addPart(shared, program, places, spilled, uses, { start, end, name: `part${part}` });
    calls.push(module.call(`part${part}`, [module.local.get(0, toolkit.i32)], toolkit.none));
  }
  module.addFunction('model', toolkit.createType([toolkit.i32]), toolkit.none, [], module.block(null, calls));
  module.addFunctionExport('model', 'model');
}

function addPart(
  shared: Shared,
  program: Program,
  places: Places,
  spilled: ReadonlyMap<number, number>,
  uses: Int32Array,
  part: { readonly start: number; readonly end: number; readonly name: string },
): void {
  const { binaryen: toolkit, module } = shared;
  const locals = allocateLocals(1);
  const at = locals.reserve(toolkit.i32);
  const end = locals.reserve(toolkit.i32);
  const get = (local: number) => module.local.get(local, toolkit.i32);
  const load = (address: number) => module.v128.load(address, 16, get(at));
  const target: Target = {
    ...shared,
    locals,
    readColumn: (column) => load(places.columns[column] ?? 0),
    tableAddress: (table) => places.tables[table] ?? 0,
  };
  const outside = (position: number) => load(spilled.get(position) ?? 0);
  const { statements, read } = lower(target, program, part.start, part.end, uses, outside);
  for (let position = part.start; position < part.end; position += 1) {
    const address = spilled.get(position);
    if (address !== undefined) statements.push(module.v128.store(address, 16, get(at), read(position)));
  }
  program.outputs.forEach((output, index) => {
    const here = output >= part.start && output < part.end;
    if (here) statements.push(module.v128.store(places.outputs[index] ?? 0, 16, get(at), read(output)));
  });
  statements.push(
    module.local.set(at, module.i32.add(get(at), module.i32.const(16))),
    module.br('more', module.i32.lt_u(get(at), get(end))),
  );
  const body = module.block(null, [
    module.local.set(end, module.i32.shl(get(0), module.i32.const(3))),
    module.loop('more', module.block(null, statements)),
  ]);
  module.addFunction(part.name, toolkit.createType([toolkit.i32]), toolkit.none, locals.types, body);
}
