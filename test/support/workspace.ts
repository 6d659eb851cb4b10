import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const COPIED = [
  'contracts',
  'functions',
  'infra',
  'emulators',
  'package.json',
  'tsconfig.json',
  'biome.json',
  'Pulumi.yaml',
  'Pulumi.local.yaml',
];

/** A copy of the project to break, with the same installed packages. */
export interface Workspace {
  folder: string;
  /** Runs one of the project's tools in it. Never rejects: a failing tool is what many tests look for. */
  run(tool: string, ...parameters: string[]): Promise<{ code: number; stdout: string; output: string }>;
  remove(): Promise<void>;
}

export async function copyProject(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-workspace-'));
  await Promise.all(COPIED.map((name) => cp(join(ROOT, name), join(folder, name), { recursive: true })));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return {
    folder,
    async run(tool, ...parameters) {
      const program = tool === 'node' ? process.execPath : join(ROOT, 'node_modules', '.bin', tool);
      try {
        const { stdout, stderr } = await execute(program, parameters, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
        return { code: 0, stdout, output: stdout + stderr };
      } catch (error) {
        const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string };
        return { code: typeof code === 'number' ? code : 1, stdout, output: stdout + stderr };
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
