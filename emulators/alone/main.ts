import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { clockAhead } from '../clock.ts';
import { type Child, startChild } from '../cloud/child.ts';
import { type FaultyService, faultyService } from '../faults/rule.ts';
import { resumeClock } from '../faults/steering.ts';
import { openControl } from './control.ts';
import { type AloneOptions, parseAloneOptions } from './options.ts';
import { serviceOptions } from './services.ts';
import { instructions } from './variables.ts';

/** `npm run emulators`: services of Google Cloud on this machine, for any project, until Ctrl-C. */
async function main(argv: string[]): Promise<void> {
  const options = parseAloneOptions(argv);
  const { folder, fresh, ports, services } = options;
  if (fresh) forget(folder);
  mkdirSync(join(folder, 'logs'), { recursive: true });
  const clockFile = join(folder, 'clock.json');
  resumeClock(clockFile);
  const children = new Map<FaultyService, Child>();
  const control = await openControl(ports.control, children, clockFile);
  const stop = async () => {
    await control.close();
    await Promise.all([...children.values()].map((child) => child.stop()));
  };
  try {
    await startAll(services, options, children);
  } catch (error) {
    await stop();
    throw error;
  }
  process.stdout.write(`${instructions(options)}\n${remarks(options)}\n`);
  const end = () => {
    process.stdout.write('\n# stopping …\n');
    stop().then(() => process.exit(0), fail);
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

/** Its own alone: the folder may have been chosen for more than this. */
function forget(folder: string): void {
  for (const name of [...faultyService.options, 'logs', 'clock.json'])
    rmSync(join(folder, name), { recursive: true, force: true });
}

/** Rejects with the line of the first that cannot start; those that could are among the children. */
async function startAll(
  services: readonly FaultyService[],
  options: AloneOptions,
  children: Map<FaultyService, Child>,
): Promise<void> {
  const starting = services.map(async (service) => {
    const child = await startChild({
      name: service,
      module: join(import.meta.dirname, '..', service, 'main.ts'),
      options: () => serviceOptions(service, options),
      env: { NODE_COMPILE_CACHE: join(options.folder, 'compile-cache') },
      logFile: join(options.folder, 'logs', `${service}.log`),
    });
    children.set(service, child);
  });
  const failed = (await Promise.allSettled(starting)).find((start) => start.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function remarks({ folder, ports, services }: AloneOptions): string {
  const ahead = clockAhead() / 1_000;
  return [
    ...(ahead > 0 ? [`# the clock is ${ahead} s ahead, as an earlier start moved it; --fresh forgets that`] : []),
    `# faults and the clock: http://127.0.0.1:${ports.control}/faults and /clock`,
    `# ready: ${services.join(', ')}; state in ${folder}; Ctrl-C stops`,
  ].join('\n');
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

await main(process.argv.slice(2)).catch(fail);
