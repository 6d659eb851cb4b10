import { parseArgs } from 'node:util';
import { measureReadLarge } from './read-large.ts';
import { compileTimes } from './simulation-compile.ts';
import { marginAgainstReference } from './simulation-margin.ts';
import { knownPrices } from './simulation-prices.ts';

/** `npm run bench:simulation [-- --json]`: the engine's figures, one after the other. */
async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({ args: argv, options: { json: { type: 'boolean', default: false } } });
  const say = (line: string) => process.stdout.write(`${line}\n`);
  // First, so that the memory it says it took is not that of runs before it.
  const compile = await compileTimes(say);
  const margin = await marginAgainstReference(say);
  const [readLarge, peak] = await measureReadLarge(say);
  const readLargeS = readLarge?.spread.median ?? null;
  say(`read a 50 MB workbook: ${readLargeS?.toFixed(2)} s, at most ${peak?.spread.median.toFixed(0)} MB`);
  await knownPrices(say);
  if (values.json) say(JSON.stringify({ ...margin, ...compile, readLargeS }));
}

await main(process.argv.slice(2));
