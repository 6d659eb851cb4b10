import type { Archive } from './archive.ts';
import type { ReadLimits } from './limits.ts';
import { readXml } from './xml.ts';

/** What one part says of another (ECMA-376 part 2, 6.5). */
export type Relationship = {
  readonly id: string;
  /** The last word of the relationship's type, the same in strict and transitional files: "worksheet". */
  readonly type: string;
  /** A part's name from the archive's root; for an outside target, the address as written. */
  readonly target: string;
  readonly external: boolean;
};

/** The relationships of a part ('' for the package itself); none where there is no such list. */
export async function readRelationships(archive: Archive, part: string, limits: ReadLimits): Promise<Relationship[]> {
  const slash = part.lastIndexOf('/');
  const list = `${part.slice(0, slash + 1)}_rels/${part.slice(slash + 1)}.rels`;
  const relationships: Relationship[] = [];
  if (!archive.has(list)) return relationships;
  await readXml(
    list,
    archive.read(list),
    {
      open(name, attribute) {
        if (name !== 'Relationship') return;
        const target = attribute('Target') ?? '';
        const external = attribute('TargetMode') === 'External';
        relationships.push({
          id: attribute('Id') ?? '',
          type: attribute('Type')?.split('/').at(-1) ?? '',
          target: external ? target : resolvePart(part, target),
          external,
        });
      },
    },
    limits,
  );
  return relationships;
}

/** "../tables/table1.xml" seen from "xl/worksheets/sheet1.xml" is "xl/tables/table1.xml"; "/xl/…" starts at the root. */
function resolvePart(from: string, target: string): string {
  const path = decodeTarget(target).replaceAll('\\', '/');
  const steps = path.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return steps.join('/');
}

/** Targets are URIs: a space is %20. One that does not decode is taken as it stands. */
function decodeTarget(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}
