import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const PAGES_PER_MB = 256;

/** CPU seconds, user and system, that these processes and all below them have used so far. Empty where there is no /proc. */
export function cpuSecondsBelow(roots: Readonly<Record<string, number | undefined>>): Record<string, number> {
  const processes = readProcesses();
  const seconds: Record<string, number> = {};
  for (const [name, root] of Object.entries(roots)) {
    if (root !== undefined && processes.has(root)) {
      seconds[name] = sumBelow(processes, root, (process) => process.seconds);
    }
  }
  return seconds;
}

/** Megabytes in memory that a process and all below it share with nobody. 0 where there is no /proc. */
export function privateMbBelow(root: number): number {
  return sumBelow(readProcesses(), root, ({ privateMb }) => privateMb);
}

interface Process {
  parent: number;
  seconds: number;
  privateMb: number;
}

function sumBelow(processes: Map<number, Process>, root: number, of: (process: Process) => number): number {
  const own = processes.get(root);
  let total = own === undefined ? 0 : of(own);
  for (const [id, { parent }] of processes) if (parent === root) total += sumBelow(processes, id, of);
  return total;
}

function readProcesses(): Map<number, Process> {
  const processes = new Map<number, Process>();
  for (const name of entriesOf('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const process = readProcess(Number(name));
    if (process !== undefined) processes.set(Number(name), process);
  }
  return processes;
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Undefined for one that has ended meanwhile. */
function readProcess(id: number): Process | undefined {
  try {
    const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const [, resident = 0, shared = 0] = readFileSync(`/proc/${id}/statm`, 'utf8').split(' ').map(Number);
    return {
      parent: Number(fields[1]),
      seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      privateMb: (resident - shared) / PAGES_PER_MB,
    };
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
