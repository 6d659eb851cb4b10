import type { ManifestEntry } from '../functions/core/manifest.ts';
import { type BuiltBundle, buildBundle, type Toolchain } from './build-bundle.ts';

/** Native code cannot be bundled: Cloud Build installs it. */
const NATIVE = ['@node-rs/argon2', 'koffi'];
const FRAMEWORK = '@google-cloud/functions-framework';

/**
 * Bundles a function with core and its libraries.
 *
 * The handler is exported under the function's name, which functions-framework finds as well as one that is registered: registering
 * takes the framework's own module instance, and a bundled copy is not the one that Cloud Run starts.
 */
export async function buildFunction(
  toolchain: Toolchain,
  { name, context, file }: ManifestEntry,
  calls: Record<string, string>,
): Promise<BuiltBundle> {
  const lines = [
    `import { serve } from './functions/core/serve.ts';`,
    `import declaration from './functions/${context}/${file}.ts';`,
    `const handler = serve(declaration, ${JSON.stringify({ name, context, calls })});`,
    `export { handler as ${JSON.stringify(name)} };`,
  ];
  const built = await buildBundle(toolchain, lines, NATIVE);
  const native = NATIVE.filter((each) => built.imported.has(each));
  built.files.set('package.json', Buffer.from(packageJson(name, [FRAMEWORK, ...native], toolchain.versions)));
  return built;
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
