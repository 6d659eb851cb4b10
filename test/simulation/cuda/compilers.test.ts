import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { marginModel } from '../../../emulators/simulate/gpu-check-margin.ts';
import { generatedModel } from '../../../emulators/simulate/gpu-check-programs.ts';
import type { CompiledWorkbook } from '../../../functions/simulation/engine/compiler/compile.ts';
import { compileOptions } from '../../../functions/simulation/engine/cuda/gpu.ts';
import { openNvrtc } from '../../../functions/simulation/engine/cuda/nvrtc.ts';
import { cudaSource } from '../../../functions/simulation/engine/cuda/source.ts';
import { chunkPaths } from '../../../functions/simulation/engine/run/settings.ts';
import { isInstalled } from './support/host-gpu.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-compilers-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const whereNvcc = isInstalled('nvcc') ? test.serial : test.serial.skip;
const whereGxx = isInstalled('g++') ? test.serial : test.serial.skip;
let margin: CompiledWorkbook | undefined;
let text = '';

test.before(async () => {
  margin = await marginModel();
  const { program } = margin ?? generatedModel({ seed: 2, columns: 16, operations: 120, outputs: 1, tame: true });
  ({ text } = cudaSource(program, 1, chunkPaths));
});

/** What nvcc says of a compiled source, and what it made. */
function nvcc(words: readonly string[]): { readonly said: string; readonly made: Buffer } {
  const source = join(folder, 'model.cu');
  const target = join(folder, 'model.out');
  writeFileSync(source, text);
  const said = execFileSync('sh', ['-c', 'exec nvcc "$@" 2>&1', 'nvcc', ...words, source, '-o', target], {
    encoding: 'utf8',
  });
  return { said, made: readFileSync(target) };
}

for (const architecture of ['sm_89', 'sm_90']) {
  whereNvcc(`nvcc makes ${architecture} machine code of a model, and no register is spilled`, (t) => {
    for (const mode of ['exact', 'fast'] as const) {
      const { said, made } = nvcc(['-cubin', '-Xptxas', '-v', ...compileOptions(architecture, mode)]);
      t.is(made.toString('latin1', 1, 4), 'ELF');
      const [, registers] = /'simulate'[\s\S]*?Used (\d+) registers/.exec(said) ?? [];
      t.regex(said, /'simulate'[\s\S]*?0 bytes spill stores, 0 bytes spill loads/);
      t.true(Number(registers) <= 102, `${registers} registers: five blocks fit a multiprocessor`);
      t.notRegex(said, /warning/);
      t.log(`${margin ? 'margin model' : 'a generated model'}, ${architecture}, ${mode}: ${registers} registers`);
    }
  });
}

whereNvcc('exact mode fuses nothing, fast mode does', (t) => {
  const fused = (mode: 'exact' | 'fast') =>
    nvcc(['-ptx', ...compileOptions('sm_89', mode)])
      .made.toString()
      .match(/\bfma\.rn\.f64\b/g)?.length ?? 0;
  t.is(fused('exact'), 0);
  t.true(fused('fast') > 100);
});

function builtNvrtc(name: string, ...words: readonly string[]): string {
  const library = join(folder, name);
  const source = fileURLToPath(new URL('support/host-nvrtc.cpp', import.meta.url));
  execFileSync('g++', ['-O1', '-shared', '-fPIC', ...words, source, '-o', library], { stdio: 'pipe' });
  return library;
}

whereGxx('NVRTC is handed the source and the options, and its machine code comes back', async (t) => {
  const compiler = await openNvrtc('12.2', ['libmillrace-no-such-nvrtc.so', builtNvrtc('libnvrtc.so')]);
  if (typeof compiler === 'string') return t.fail(compiler);
  const options = compileOptions('sm_89', 'exact');
  t.is(Buffer.from(compiler.compile(text, options)).toString(), [...options, text].join('\n'));
});

whereGxx("what NVRTC cannot compile is refused with the compiler's own words", async (t) => {
  const compiler = await openNvrtc('13.0', [builtNvrtc('libnvrtc.so')]);
  if (typeof compiler === 'string') return t.fail(compiler);
  t.throws(() => compiler.compile('#error no', []), { message: /model\.cu\(1\): error: #error directive$/ });
});

whereGxx('an NVRTC that is too old, or newer than the driver, is refused by its version', async (t) => {
  const [old, later] = [builtNvrtc('libnvrtc-old.so', '-DMAJOR=11'), builtNvrtc('libnvrtc-new.so', '-DMAJOR=13')];
  t.is(await openNvrtc('12.2', [old]), 'NVRTC 11.2 is too old: 12 or later is needed');
  t.is(await openNvrtc('12.2', [later]), "NVRTC 13.2 is too new for the driver, which is CUDA 12.2's");
});

test('without NVRTC, a sentence says so', async (t) => {
  t.regex(String(await openNvrtc('12.2', ['libmillrace-no-such-nvrtc.so'])), /^there is no NVRTC \(/);
});
