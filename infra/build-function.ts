import { build, type Metafile, type Plugin } from 'esbuild';
import type { ManifestEntry } from '../functions/core/manifest.ts';
import { type BuiltLibraries, fileName, LIBRARIES, libraryFile } from './build-libraries.ts';
import { ESBUILD_OPTIONS } from './esbuild-options.ts';

/** What one function is deployed as, before it is packed. */
export interface BuiltFunction {
  /** Path within the archive to content. */
  files: Map<string, Uint8Array>;
  /** Every source file that went in, from the root. */
  inputs: string[];
}

/** What every function is built with. */
export interface Toolchain {
  root: string;
  /** Versions of dependencies as our own package.json pins them. */
  versions: Record<string, string>;
  libraries: () => Promise<BuiltLibraries>;
}

/** Native code cannot be bundled: Cloud Build installs it. */
const NATIVE = ['@node-rs/argon2'];
const FRAMEWORK = '@google-cloud/functions-framework';

/**
 * Bundles a use case with core and its libraries. What is imported on first use stays in files of its own, so that a cold start
 * reads only what it needs.
 *
 * The handler is exported under the function's name, which functions-framework finds as well as one that is registered: registering
 * takes the framework's own module instance, and a bundled copy is not the one that Cloud Run starts.
 */
export async function buildFunction(
  { root, versions, libraries }: Toolchain,
  { name, context, file }: ManifestEntry,
  calls: Record<string, string>,
): Promise<BuiltFunction> {
  const built = await build({
    ...ESBUILD_OPTIONS,
    absWorkingDir: root,
    stdin: {
      contents: [
        `import { serve } from './functions/core/serve.ts';`,
        `import declaration from './functions/${context}/${file}.ts';`,
        `const handler = serve(declaration, ${JSON.stringify({ name, context, calls })});`,
        `export { handler as ${JSON.stringify(name)} };`,
      ].join('\n'),
      resolveDir: root,
      sourcefile: 'index.ts',
      loader: 'ts',
    },
    outdir: 'bundle',
    entryNames: 'index',
    external: NATIVE,
    plugins: [LIBRARIES_APART],
  });
  const imported = externalImports(built.metafile);
  const files = new Map(built.outputFiles.map(({ path, contents }) => [fileName(path), contents]));
  for (const library of LIBRARIES.filter((each) => imported.has(`./${libraryFile(each)}`))) {
    for (const [path, content] of (await libraries()).filesOf(library)) files.set(path, content);
  }
  const native = NATIVE.filter((each) => imported.has(each));
  files.set('package.json', Buffer.from(packageJson(name, [FRAMEWORK, ...native], versions)));
  return { files, inputs: Object.keys(built.metafile.inputs).sort() };
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

/**
 * The framework is a dependency in a pinned version, and the only one where nothing is native: without it, Cloud Build adds
 * whichever is the newest.
 */
function packageJson(name: string, packages: readonly string[], versions: Record<string, string>): string {
  const dependencies = Object.fromEntries(packages.map((each) => [each, versions[each] ?? '']));
  return JSON.stringify({
    name,
    private: true,
    type: 'module',
    main: 'index.mjs',
    engines: { node: '24' },
    dependencies,
  });
}
