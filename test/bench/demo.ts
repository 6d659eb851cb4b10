import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../emulators/cloud/plan.ts';
import { newPlace } from '../journeys/support/access.ts';
import { type Measurement, spreadOf } from './measurement.ts';
import { privateMbBelow } from './processes.ts';

const DATA = join(ROOT, '..', 'shared', 'data', 'commodity');
const FILES = ['wti', 'brent', 'henryhub'].map((name) => join(DATA, `${name}-daily.csv`));
const MINUTES = 5;
/** It is stopped then, whatever it has done. */
const DEADLINE_MS = 15 * 60_000;
const SAMPLE_MS = 1_000;

/** The demo on 27,600 prices, as fast as it goes. */
export const demo: Measurement = {
  name: 'demo',
  async measure(say) {
    if (!FILES.every((file) => existsSync(file))) {
      say(`left out: there are no price files in ${DATA}`);
      return [];
    }
    const place = await newPlace();
    try {
      const { seconds, memory } = await runDemo(place.folder, place.ports, say);
      const third = Math.ceil(memory.length / 3);
      return [
        {
          name: 'demo over wti, brent and henryhub',
          unit: 's',
          spread: spreadOf([seconds]),
          target: { atMost: MINUTES * 60 },
          measured: 'npm run demo at --speed max: start of the process to its end, the local cloud included',
        },
        {
          name: 'memory of all its processes, second third',
          unit: 'MB',
          spread: spreadOf(memory.slice(third, 2 * third)),
          measured: 'resident and shared with no other process, a sample a second',
        },
        {
          name: 'memory of all its processes, last third',
          unit: 'MB',
          spread: spreadOf(memory.slice(2 * third)),
          measured: 'the same, to be seen beside the figure above: flat or growing',
        },
      ];
    } finally {
      await place.forget();
    }
  },
};

async function runDemo(
  folder: string,
  ports: Record<string, number> | object,
  say: (line: string) => void,
): Promise<{ seconds: number; memory: number[] }> {
  const startedAt = performance.now();
  const flags = Object.entries(ports).flatMap(([name, port]) => [`--${name}-port`, String(port)]);
  const program = join(ROOT, 'emulators', 'demo', 'main.ts');
  const child = spawn(
    process.execPath,
    [program, '--folder', join(folder, 'demo'), '--speed', 'max', '--json', ...flags, '--prices', ...FILES],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const late = setTimeout(() => child.kill('SIGTERM'), DEADLINE_MS);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-10_000);
  });
  const memory: number[] = [];
  const sampling = setInterval(() => memory.push(privateMbBelow(child.pid ?? 0)), SAMPLE_MS);
  try {
    const [code] = await once(child, 'exit');
    const seconds = (performance.now() - startedAt) / 1_000;
    say(said.trim().split('\n').at(-1) ?? 'it said nothing');
    if (code !== 0) throw new Error(`the demo ended with ${code} after ${seconds.toFixed(0)} s`);
    return { seconds, memory };
  } finally {
    clearTimeout(late);
    clearInterval(sampling);
  }
}
