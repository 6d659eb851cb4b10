import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { copyProject } from '../support/workspace.ts';

/** The code blocks of functions/README.md, each named by the file it belongs to. */
async function stepsOf(readme: string): Promise<{ file: string; code: string }[]> {
  const blocks = (await readFile(readme, 'utf8')).matchAll(/^( *)```ts (\S+)\n([\s\S]*?)^ *```$/gm);
  return Array.from(blocks, ([, indent = '', file = '', code = '']) => ({
    file,
    code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

test("following functions/README.md's three steps adds a use case that compiles, is documented and is in the resource graph", async (t) => {
  const project = await copyProject();
  try {
    const [contract, useCase, ...others] = await stepsOf(join(project.folder, 'functions', 'README.md'));
    t.is(others.length, 0);
    if (contract === undefined || useCase === undefined) return t.fail('the README has lost its steps');
    await appendFile(join(project.folder, contract.file), `\n${contract.code}`);
    await writeFile(join(project.folder, useCase.file), useCase.code);

    const style = await project.run('biome', 'lint', contract.file, useCase.file);
    t.is(style.code, 0, style.output);
    const types = await project.run('tsc', '-p', 'tsconfig.json', '--types', 'node', '--rootDir', '.');
    t.is(types.code, 0, types.output);
    const generated = await project.run('node', 'contracts/generate.ts');
    t.is(generated.code, 0, generated.output);
    t.regex(
      await readFile(join(project.folder, 'contracts', 'generated', 'openapi.json'), 'utf8'),
      /"\/v1\/ranges\/\{instrument\}"/,
    );

    const plan = await project.run('node', 'infra/local-plan.ts');
    t.is(plan.code, 0, plan.output.slice(0, 2_000));
    const { functions, gateway } = JSON.parse(plan.stdout) as {
      functions: { name: string; invokers: string[] }[];
      gateway: { openapi: string };
    };
    const added = functions.find(({ name }) => name === 'market-get-range');
    t.true(added?.invokers.includes('gateway@millrace-local.iam.gserviceaccount.com'));
    t.true(gateway.openapi.includes('/v1/ranges/{instrument}'));
  } finally {
    await project.remove();
  }
});
