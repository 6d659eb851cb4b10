import { Journal } from '../../../emulators/log/journal.ts';
import { jsonCodec } from '../../../emulators/log/json-codec.ts';

/** Appends numbers to the journal in a folder until the disk refuses one, and says on stdout what came of it. */
const journal = new Journal<{ n: number }>({
  directory: process.argv[2] ?? '',
  fsync: false,
  codec: jsonCodec(),
  replay: () => undefined,
  snapshot: () => [],
  warn: () => undefined,
});
const refusals: string[] = [];
let settled = 0;
for (let n = 0; refusals.length < 3; n++) {
  journal.append({ n });
  try {
    await journal.settled();
    settled++;
  } catch (error) {
    refusals.push(String(error));
  }
}
process.stdout.write(JSON.stringify({ settled, refusals }));
