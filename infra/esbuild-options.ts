import type { BuildOptions } from 'esbuild';

/** CommonJS libraries within an ES module still ask for these three. */
const COMMONJS_IN_ESM = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

/** How everything that runs in the cloud is bundled: the same sources give the same bytes, wherever the tree lies. */
export const ESBUILD_OPTIONS = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  outExtension: { '.js': '.mjs' },
  chunkNames: '[name]-[hash]',
  minify: true,
  // Errors and logs carry the names of classes.
  keepNames: true,
  legalComments: 'none',
  banner: { js: COMMONJS_IN_ESM },
  metafile: true,
  write: false,
  logLevel: 'silent',
} as const satisfies BuildOptions;
