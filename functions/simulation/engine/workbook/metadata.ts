import type { Archive } from './archive.ts';
import type { ReadLimits } from './limits.ts';
import { readXml } from './xml.ts';

const dynamicArrayType = 'XLDAPR';

/**
 * Which cell metadata (the `cm` of a cell, counted from 1) says that the cell's array formula spills: [MS-XLSX]
 * 2.4.81. Cell metadata lists records, each a type by its place and a place in that type's own list.
 */
export async function readDynamicArrayMarks(
  archive: Archive,
  part: string,
  limits: ReadLimits,
): Promise<ReadonlySet<number>> {
  const types: string[] = [];
  const dynamic: boolean[] = [];
  const records: { type: number; place: number }[][] = [];
  let future = '';
  await readXml(
    part,
    archive.read(part),
    {
      open(name, attribute, parent) {
        if (name === 'metadataType') types.push(attribute('name') ?? '');
        else if (name === 'futureMetadata') future = attribute('name') ?? '';
        else if (name === 'cellMetadata') future = '';
        else if (name === 'bk' && parent === 'futureMetadata' && future === dynamicArrayType) dynamic.push(false);
        else if (name === 'bk' && parent === 'cellMetadata') records.push([]);
        else if (name === 'dynamicArrayProperties' && future === dynamicArrayType) {
          dynamic[dynamic.length - 1] = attribute('fDynamic') === '1' || attribute('fDynamic') === 'true';
        } else if (name === 'rc' && parent === 'bk' && future === '') {
          records.at(-1)?.push({ type: Number(attribute('t')), place: Number(attribute('v')) });
        }
      },
    },
    limits,
  );
  const marks = new Set<number>();
  for (const [index, entries] of records.entries()) {
    const spills = entries.some((entry) => types[entry.type - 1] === dynamicArrayType && dynamic[entry.place] === true);
    if (spills) marks.add(index + 1);
  }
  return marks;
}
