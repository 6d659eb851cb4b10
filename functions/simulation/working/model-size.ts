import type { ModelSize } from '../domain/pace.ts';
import type { CompiledWorkbook } from '../engine/compiler/compile.ts';

export function sizeOf({ program, columns, recalculation }: CompiledWorkbook): ModelSize {
  return {
    operations: program.operations.length,
    columns: columns.length,
    recalculated: recalculation !== undefined,
  };
}
