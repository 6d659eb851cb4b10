import { readdir, rm, writeFile } from 'node:fs/promises';
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

for (const context of contexts) {
  test.serial(`without ${context}, every other context still compiles and is served`, async (t) => {
    const project = await copyProject();
    try {
      await rm(join(project.folder, 'functions', context), { recursive: true });
      const plan = await project.run('node', 'infra/local-plan.ts');
      t.is(plan.code, 0, plan.output.slice(0, 2_000));
      const { functions } = JSON.parse(plan.stdout) as { functions: { context: string }[] };
      t.deepEqual(
        [...new Set(functions.map((each) => each.context))].sort(),
        contexts.filter((each) => each !== context).sort(),
      );
      // infra/ and emulators/ look at all contexts through the manifest alone: the plan above has run them.
      await writeFile(
        join(project.folder, 'tsconfig.remaining.json'),
        JSON.stringify({ extends: './tsconfig.json', include: ['contracts', 'functions'] }),
      );
      const types = await project.run('tsc', '-p', 'tsconfig.remaining.json');
      t.is(types.code, 0, types.output);
    } finally {
      await project.remove();
    }
  });
}
