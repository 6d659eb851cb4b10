import type { LibraryHandle } from 'koffi';

/** A library of the machine's, or why it could not be had. */
export type Loaded =
  | { readonly kind: 'loaded'; readonly name: string; readonly library: LibraryHandle }
  | { readonly kind: 'absent'; readonly reason: string };

/** Opens the first library of these names that there is; a name without a folder is looked for where the system looks. */
export async function firstLibrary(names: readonly string[], global = false): Promise<Loaded> {
  const { default: koffi } = await import('koffi');
  const reasons: string[] = [];
  for (const name of names) {
    try {
      return { kind: 'loaded', name, library: koffi.load(name, { global }) };
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { kind: 'absent', reason: reasons[0] ?? 'no library was named' };
}
