import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** Read where the platform's own code is put together at run time: a folder is listed, or a host is told what to load. */
const MAY_COMPUTE_IMPORTS = ['functions/core/manifest.ts'];
/** What makes a pure function impure. */
const IMPURE = new Set([
  'process',
  'fetch',
  'performance',
  'setTimeout',
  'setInterval',
  'console',
  'crypto',
  'globalThis',
]);

/**
 * What a linter cannot see in functions/ and contracts/: createRequire, computed imports, paths that leave a context by any
 * spelling, impure calls in domain/, SQL outside store/. Each as `file:line what`.
 */
export async function violationsIn(root: string): Promise<string[]> {
  const files = (
    await Promise.all(['functions', 'contracts'].map((folder) => sourcesUnder(join(root, folder))))
  ).flat();
  const found = await Promise.all(files.map(async (file) => violationsOf(root, file, await readFile(file, 'utf8'))));
  return found.flat().sort();
}

async function sourcesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function violationsOf(root: string, path: string, text: string): string[] {
  const file = relative(root, path);
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const context = contextOf(file);
  const found: string[] = [];
  const report = (node: ts.Node, what: string) => {
    found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1} ${what}`);
  };
  const visit = (node: ts.Node): void => {
    for (const target of importedBy(node)) {
      if (target === undefined) {
        if (file.startsWith('functions/') && !MAY_COMPUTE_IMPORTS.includes(file))
          report(node, 'computes what it imports');
        continue;
      }
      const leads = leadsTo(root, path, target);
      if (context !== undefined && leads !== undefined && leads !== context && leads !== 'core')
        report(node, `reaches into ${leads}`);
    }
    if (ts.isIdentifier(node) && node.text === 'createRequire') report(node, 'uses createRequire');
    if (file.includes('/domain/')) for (const what of impurityOf(node)) report(node, what);
    if (context !== undefined && context !== 'core' && !file.includes('/store/') && isSql(node))
      report(node, 'has SQL outside store/');
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The specifiers a node imports; undefined for one that is computed. */
function importedBy(node: ts.Node): (string | undefined)[] {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
    return [ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : undefined];
  }
  const isImportCall = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const isRequire = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'require';
  if (!isImportCall && !isRequire) return [];
  const [target] = (node as ts.CallExpression).arguments;
  return [target !== undefined && ts.isStringLiteralLike(target) ? target.text : undefined];
}

/** The folder of functions/ that an import leads to, however it is spelled. */
function leadsTo(root: string, from: string, specifier: string): string | undefined {
  const expanded = specifier
    .replace(/^#core\//, `${root}/functions/core/`)
    .replace(/^#contracts\//, `${root}/contracts/`);
  if (!expanded.startsWith('.') && !expanded.startsWith('/')) return undefined;
  return contextOf(relative(root, resolve(dirname(from), expanded)));
}

function contextOf(file: string): string | undefined {
  return /^functions\/([^/]+)\//.exec(file)?.[1];
}

function impurityOf(node: ts.Node): string[] {
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0)
    return ['reads the clock'];
  if (ts.isPropertyAccessExpression(node) && ['Date.now', 'Math.random'].includes(node.getText()))
    return [`uses ${node.getText()}`];
  if (ts.isIdentifier(node) && IMPURE.has(node.text) && isReference(node)) return [`uses ${node.text}`];
  return [];
}

/** A name that stands for a value of the outside, not a property, a parameter or a declaration of that name. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isCallExpression(parent)) return parent.expression === node;
  return false;
}

function isSql(node: ts.Node): boolean {
  return (
    ts.isTaggedTemplateExpression(node) &&
    /^(tx|sql)\b/.test(node.tag.getText()) &&
    /^`\s*(select|insert|update|delete|with)\b/i.test(node.template.getText())
  );
}
