import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { FUNCTIONS_FOLDER } from '../support/postgres.ts';
import { copyProject } from '../support/workspace.ts';

/** Folders with a use case: an engine alone is served nowhere. */
const contexts: string[] = [];
for (const entry of await readdir(FUNCTIONS_FOLDER, { withFileTypes: true })) {
  if (!entry.isDirectory() || entry.name === 'core') continue;
  const files = await readdir(join(FUNCTIONS_FOLDER, entry.name));
  if (files.some((file) => file.endsWith('.ts'))) contexts.push(entry.name);
}

test('there are contexts to remove', (t) => {
  t.true(contexts.length >= 7);
});

let project: Awaited<ReturnType<typeof copyProject>>;

/** Each check begins where the one before it left off: what no removal concerns is not checked ten times over. */
const remaining = {
  extends: './tsconfig.json',
  include: ['contracts', 'functions'],
  compilerOptions: { incremental: true, tsBuildInfoFile: './remaining.tsbuildinfo' },
};
test.before(async () => {
  project = await copyProject();
  await writeFile(join(project.folder, 'tsconfig.remaining.json'), JSON.stringify(remaining));
});

test.after.always(() => project.remove());

for (const context of contexts) {
  test.serial(`without ${context}, every other context still compiles and is served`, async (t) => {
    const folder = join(project.folder, 'functions', context);
    const aside = join(project.folder, `removed-${context}`);
    await rename(folder, aside);
    t.teardown(() => rename(aside, folder));
    const plan = await project.run('node', 'infra/local-plan.ts');
    t.is(plan.code, 0, plan.output.slice(0, 2_000));
    const { functions } = JSON.parse(plan.stdout) as { functions: { context: string }[] };
    t.deepEqual(
      [...new Set(functions.map((each) => each.context))].sort(),
      contexts.filter((each) => each !== context).sort(),
    );
    // infra/ and emulators/ look at all contexts through the manifest alone: the plan above has run them.
    const types = await project.run('tsc', '-p', 'tsconfig.remaining.json');
    t.is(types.code, 0, types.output);
  });
}

test.serial('an import of what is removed does not compile', async (t) => {
  const importer = join(project.folder, 'functions', 'market', 'planted.ts');
  await writeFile(importer, "import '../nowhere/store.ts';\n");
  t.teardown(() => rm(importer));
  const types = await project.run('tsc', '-p', 'tsconfig.remaining.json');
  t.regex(types.output, /planted\.ts.*Cannot find module/);
});
