import { operandsOf, type Program } from './program.ts';

/**
 * Operations in one function of compiled code: V8's optimising compiler, and NVIDIA's, take more than linear time beyond
 * some thousands.
 */
export const partSize = 1500;

/**
 * The values that another part than their own reads, with the place that `take` gave each between the parts; a place is
 * used again after its last reader.
 */
export function spilledValues(program: Program, take: () => number): Map<number, number> {
  const lastReader = new Map<number, number>();
  const partOf = (position: number) => Math.floor(position / partSize);
  for (let position = 0; position < program.operations.length; position += 1) {
    for (const operand of operandsOf(program, position)) {
      const operation = program.operations[operand];
      if (operation === 'constant' || partOf(operand) === partOf(position)) continue;
      lastReader.set(operand, partOf(position));
    }
  }
  const free: number[] = [];
  const releases = new Map<number, number[]>();
  const places = new Map<number, number>();
  let part = -1;
  for (const [position, last] of [...lastReader].sort(([x], [y]) => x - y)) {
    for (; part < partOf(position); part += 1) free.push(...(releases.get(part) ?? []));
    const place = free.pop() ?? take();
    places.set(position, place);
    const released = releases.get(last);
    if (released) released.push(place);
    else releases.set(last, [place]);
  }
  return places;
}
