import { build, type Metafile, type Plugin } from 'esbuild';
import { type BuiltLibraries, fileName, LIBRARIES, libraryFile } from './build-libraries.ts';
import { ESBUILD_OPTIONS } from './esbuild-options.ts';

/** What every use case is built with. */
export interface Toolchain {
  root: string;
  /** Versions of dependencies as our own package.json pins them. */
  versions: Record<string, string>;
  libraries: () => Promise<BuiltLibraries>;
}

/** What one use case is deployed as, before it is packed. */
export interface BuiltBundle {
  /** Path within the archive to content. */
  files: Map<string, Uint8Array>;
  /** Every source file that went in, from the root. */
  inputs: string[];
  /** What it imports and does not hold. */
  imported: ReadonlySet<string>;
}

/**
 * Bundles an entry, given as lines of its source, with all it imports. What is imported on first use stays in files of its own, so that a
 * cold start reads only what it needs. `external` packages are left out.
 */
export async function buildBundle(
  { root, libraries }: Toolchain,
  lines: readonly string[],
  external: readonly string[],
): Promise<BuiltBundle> {
  const built = await build({
    ...ESBUILD_OPTIONS,
    absWorkingDir: root,
    stdin: { contents: lines.join('\n'), resolveDir: root, sourcefile: 'index.ts', loader: 'ts' },
    outdir: 'bundle',
    entryNames: 'index',
    external: [...external],
    plugins: [LIBRARIES_APART],
  });
  const imported = externalImports(built.metafile);
  const files = new Map(built.outputFiles.map(({ path, contents }) => [fileName(path), contents]));
  for (const library of LIBRARIES.filter((each) => imported.has(`./${libraryFile(each)}`))) {
    for (const [path, content] of (await libraries()).filesOf(library)) files.set(path, content);
  }
  return { files, inputs: Object.keys(built.metafile.inputs).sort(), imported };
}

/** Only what is imported on first use is kept apart: a static import of a client is part of what a cold start reads. */
const LIBRARIES_APART: Plugin = {
  name: 'libraries-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^@?[a-z]/ }, ({ path, kind }) =>
      kind === 'dynamic-import' && LIBRARIES.includes(path)
        ? { path: `./${libraryFile(path)}`, external: true }
        : undefined,
    );
  },
};

function externalImports({ outputs }: Metafile): Set<string> {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  return new Set(imports.filter(({ external }) => external === true).map(({ path }) => path));
}
