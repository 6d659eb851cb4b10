import { spawn } from 'node:child_process';
import { startTestServer } from './postgres.ts';

/**
 * `npm test [-- AVA'S OWN ARGUMENTS]`: one PostgreSQL, migrated once, whose template every file clones; then ava.
 * Closes on the line `N passed, N failed, N skipped`, which says the same whatever the reporter prints above it.
 */
const server = await startTestServer();
const ava = spawn('ava', ['--tap', ...process.argv.slice(2)], {
  env: { ...process.env, MILLRACE_TEST_POSTGRES_PORT: String(server.port) },
  stdio: ['inherit', 'pipe', 'inherit'],
});
const counts = { passed: 0, failed: 0, skipped: 0 };
let rest = '';
ava.stdout.on('data', (chunk: Buffer) => {
  const lines = `${rest}${chunk.toString()}`.split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    if (line.startsWith('not ok')) counts.failed += 1;
    else if (/^ok .* # SKIP/.test(line)) counts.skipped += 1;
    else if (line.startsWith('ok')) counts.passed += 1;
    process.stdout.write(`${line}\n`);
  }
});
const code = await new Promise<number>((resolve) => ava.once('close', (exitCode) => resolve(exitCode ?? 1)));
await server.close();
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exit(code);
