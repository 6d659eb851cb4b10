import { parseArgs } from 'node:util';
import { coldStart } from './cold-start.ts';
import { demo } from './demo.ts';
import { firestore } from './firestore.ts';
import { gateway } from './gateway.ts';
import { lifecycles } from './lifecycles.ts';
import type { Figure, Measurement } from './measurement.ts';
import { policy } from './policy.ts';
import { pubsubBacklog } from './pubsub-backlog.ts';
import { pubsub } from './pubsub-figures.ts';
import { pubsubServer } from './pubsub-server.ts';
import { benchReport, figureTable, machineLine } from './report.ts';
import { secondStart } from './second-start.ts';
import { storage } from './storage.ts';
import { tickToOrder } from './tick-to-order.ts';

/** In the order in which they are measured: one after the other, since each wants the machine for itself. */
const MEASUREMENTS: readonly Measurement[] = [
  pubsub,
  pubsubServer,
  pubsubBacklog,
  firestore,
  storage,
  policy,
  gateway,
  coldStart,
  secondStart,
  tickToOrder,
  lifecycles,
  demo,
];

/** `npm run bench`. */
async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
  });
  const chosen = choose(values.only);
  process.stdout.write(`before: ${machineLine()}\n`);
  const figures: Figure[] = [];
  for (const { name, measure } of chosen) {
    figures.push(...(await measure((line) => process.stderr.write(`${name}: ${line}\n`))));
  }
  process.stdout.write(`after: ${machineLine()}\n\n${figureTable(figures)}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify(benchReport(figures))}\n`);
}

/** Throws an Error of one line on a name that is none. */
function choose(only: string | undefined): readonly Measurement[] {
  if (only === undefined) return MEASUREMENTS;
  const names = only.split(',').map((name) => name.trim());
  const known = MEASUREMENTS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`--only knows no "${unknown}": it takes ${known.join(', ')}`);
  return MEASUREMENTS.filter(({ name }) => names.includes(name));
}

try {
  await main(process.argv.slice(2));
  // Clients of emulators that are gone keep trying.
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
