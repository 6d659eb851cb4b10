/** What is known here of an instrument, from `market`. */
export interface KnownInstrument {
  instrument: string;
  tradable: boolean;
}

export type Refusal = { reason: 'unknown-instrument' | 'not-tradable'; detail: string };

/** Why no mandate may be granted on an instrument, or undefined where one may. */
export function refusalOf(instrument: string, known: KnownInstrument | undefined): Refusal | undefined {
  if (known === undefined) return { reason: 'unknown-instrument', detail: `no instrument ${instrument} is listed` };
  if (!known.tradable) return { reason: 'not-tradable', detail: `${instrument} is quoted and not traded` };
  return undefined;
}
