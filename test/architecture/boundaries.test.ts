import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { copyProject, type Workspace } from '../support/workspace.ts';
import { violationsIn } from './module-graph.ts';

/** What must not be written, and which of the two watchers sees it: the linter, or the walk of the module graph. */
const PLANTED: { what: string; file: string; code: string; seenBy: 'linter' | 'walk' }[] = [
  {
    what: 'a context imports a use case of another',
    file: 'functions/risk/planted.ts',
    code: "import other from '../market/sweep.ts';\nexport const planted = other;",
    seenBy: 'linter',
  },
  {
    what: "a context imports another's store",
    file: 'functions/risk/store/planted.ts',
    code: "import { loadBars } from '../../market/store/bars.ts';\nexport const planted = loadBars;",
    seenBy: 'linter',
  },
  {
    what: 'a type-only import across contexts',
    file: 'functions/risk/planted.ts',
    code: "import type { x } from '../market/store/bars.ts';\nexport type Planted = typeof x;",
    seenBy: 'linter',
  },
  {
    what: 're-exporting from another context',
    file: 'functions/risk/planted.ts',
    code: "export { loadBars } from '../market/store/bars.ts';",
    seenBy: 'linter',
  },
  {
    what: 'a dynamic import across contexts',
    file: 'functions/risk/planted.ts',
    code: "export const planted = () => import('../market/store/bars.ts');",
    seenBy: 'linter',
  },
  {
    what: 'a detour through dots',
    file: 'functions/risk/planted.ts',
    code: "import { loadBars } from './store/../../market/store/bars.ts';\nexport const planted = loadBars;",
    seenBy: 'linter',
  },
  {
    what: 'domain code that imports core',
    file: 'functions/risk/domain/planted.ts',
    code: "import { setTenant } from '#core/unit-of-work.ts';\nexport const planted = setTenant;",
    seenBy: 'linter',
  },
  {
    what: 'domain code that imports Node',
    file: 'functions/risk/domain/planted.ts',
    code: "import { readFileSync } from 'node:fs';\nexport const planted = readFileSync;",
    seenBy: 'linter',
  },
  {
    what: 'domain code that imports a package',
    file: 'functions/risk/domain/planted.ts',
    code: "import * as z from 'zod';\nexport const planted = z;",
    seenBy: 'linter',
  },
  {
    what: "domain code that imports a context's contract",
    file: 'functions/risk/domain/planted.ts',
    code: "import { barClosed } from '#contracts/market/events.ts';\nexport const planted = barClosed;",
    seenBy: 'linter',
  },
  {
    what: "core that imports a context's contract",
    file: 'functions/core/planted.ts',
    code: "import { barClosed } from '#contracts/market/events.ts';\nexport const planted = barClosed;",
    seenBy: 'linter',
  },
  {
    what: 'core that imports a context',
    file: 'functions/core/planted.ts',
    code: "import { loadBars } from '../market/store/bars.ts';\nexport const planted = loadBars;",
    seenBy: 'linter',
  },
  {
    what: 'contracts that import core',
    file: 'contracts/risk/planted.ts',
    code: "import { setTenant } from '#core/unit-of-work.ts';\nexport const planted = setTenant;",
    seenBy: 'linter',
  },
  {
    what: 'contracts that import functions',
    file: 'contracts/risk/planted.ts',
    code: "import { loadBars } from '../../functions/market/store/bars.ts';\nexport const planted = loadBars;",
    seenBy: 'linter',
  },
  {
    what: 'createRequire',
    file: 'functions/risk/planted.ts',
    code: "import { createRequire } from 'node:module';\nexport const planted = createRequire(import.meta.url)('../market/store/bars.ts');",
    seenBy: 'walk',
  },
  {
    what: 'an import whose target is computed',
    file: 'functions/risk/planted.ts',
    code: "const path = '../market/store/bars.ts';\nexport const planted = () => import(path);",
    seenBy: 'walk',
  },
  {
    what: 'a clock in domain code',
    file: 'functions/risk/domain/planted.ts',
    code: 'export const planted = () => Date.now();',
    seenBy: 'walk',
  },
  {
    what: 'a new Date in domain code',
    file: 'functions/risk/domain/planted.ts',
    code: 'export const planted = () => new Date();',
    seenBy: 'walk',
  },
  {
    what: 'randomness in domain code',
    file: 'functions/risk/domain/planted.ts',
    code: 'export const planted = () => Math.random() + crypto.randomUUID().length;',
    seenBy: 'walk',
  },
  {
    what: 'the environment in domain code',
    file: 'functions/risk/domain/planted.ts',
    code: 'export const planted = () => process.env.HOME;',
    seenBy: 'walk',
  },
  {
    what: 'the network in domain code',
    file: 'functions/risk/domain/planted.ts',
    code: "export const planted = () => fetch('http://127.0.0.1');",
    seenBy: 'walk',
  },
  {
    what: 'an alias into a context',
    file: 'functions/risk/planted.ts',
    code: "import { loadBars } from '#core/../market/store/bars.ts';\nexport const planted = loadBars;",
    seenBy: 'walk',
  },
  {
    what: 'SQL outside store/',
    file: 'functions/risk/planted.ts',
    code: "import type { Transaction } from '#core/database.ts';\nexport const planted = (tx: Transaction) => tx`select 1`;",
    seenBy: 'walk',
  },
];

let project: Workspace;
test.before(async () => {
  project = await copyProject();
});
test.after.always(() => project?.remove());

test.serial('the project itself has none of what must not be written', async (t) => {
  t.deepEqual(await violationsIn(project.folder), []);
});

for (const { what, file, code, seenBy } of PLANTED) {
  test.serial(`${what} is refused by the ${seenBy}`, async (t) => {
    const path = join(project.folder, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${code}\n`);
    try {
      if (seenBy === 'linter') {
        const { code: exit, output } = await project.run('biome', 'lint', '--only=style/noRestrictedImports', file);
        t.not(exit, 0, 'the linter let it pass');
        t.regex(output, /noRestrictedImports/);
      } else {
        const violations = await violationsIn(project.folder);
        t.true(
          violations.some((each) => each.startsWith(`${file}:`)),
          `the walk let it pass: ${violations.join('\n')}`,
        );
      }
    } finally {
      await project.run('node', '-e', `require('node:fs').rmSync(${JSON.stringify(path)})`);
    }
  });
}

test.serial('a cycle of imports is refused by the linter', async (t) => {
  const [one, two] = ['functions/risk/domain/planted-one.ts', 'functions/risk/domain/planted-two.ts'];
  await writeFile(
    join(project.folder, one),
    "import { two } from './planted-two.ts';\nexport const one = () => two;\n",
  );
  await writeFile(
    join(project.folder, two),
    "import { one } from './planted-one.ts';\nexport const two = () => one;\n",
  );
  const { code, output } = await project.run('biome', 'lint', '--only=suspicious/noImportCycles', one, two);
  t.not(code, 0);
  t.regex(output, /noImportCycles/);
});
