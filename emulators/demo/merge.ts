import type { Tick } from './tick.ts';

export interface InstrumentTick extends Tick {
  instrument: string;
}

type Ticks = AsyncIterable<Tick> | Iterable<Tick>;

/** The ticks of several instruments as one stream in the order of market time; at one instant, in the order the instruments are given. */
export async function* mergeByTime(sources: ReadonlyMap<string, Ticks>): AsyncGenerator<InstrumentTick> {
  const heads: { instrument: string; tick: Tick; rest: AsyncIterator<Tick> }[] = [];
  for (const [instrument, ticks] of sources) {
    const rest = iterate(ticks);
    const first = await rest.next();
    if (!first.done) heads.push({ instrument, tick: first.value, rest });
  }
  for (;;) {
    const [first, ...others] = heads;
    if (first === undefined) return;
    const earliest = others.reduce((soonest, head) => (head.tick.atMs < soonest.tick.atMs ? head : soonest), first);
    yield { instrument: earliest.instrument, ...earliest.tick };
    const next = await earliest.rest.next();
    if (next.done) heads.splice(heads.indexOf(earliest), 1);
    else earliest.tick = next.value;
  }
}

async function* iterate(ticks: Ticks): AsyncGenerator<Tick> {
  yield* ticks;
}
