import { canonical, type Decimal } from '#contracts/kit/decimal.ts';

/** A price index is quoted and never traded; an INDEX_CFD is a paper contract on one, traded on the paper venue only. */
export type InstrumentKind = 'FUTURE' | 'INDEX' | 'INDEX_CFD' | 'PERPETUAL' | 'SPOT';

/** What an instrument is, and what the paper venue charges and shows for it. Prices are in its quotation unit. */
export interface InstrumentTerms {
  instrument: string;
  /** Says the quotation unit: US cents per pound is not US dollars per pound. */
  description: string;
  kind: InstrumentKind;
  tradable: boolean;
  /** ISO 4217. */
  currency: string;
  /** Currency units a move of 1.0 in price is worth for one lot. */
  multiplier: Decimal;
  tickSize: Decimal;
  /** The step of quantities, in lots. */
  lotSize: Decimal;
  barIntervalSeconds: number;
  feePerLot: Decimal;
  spreadTicks: number;
  /** Lots the paper venue shows at each level. */
  depthLots: Decimal;
  levels: number;
  collarVolatilities: number;
}

/** `dated-table`: follows domain/terms.ts as it changes. `operator`: a person has said otherwise, and the table leaves it alone. */
export type ListingSource = 'dated-table' | 'operator';

export interface ListedInstrument extends InstrumentTerms {
  /** Rises by one with each change. */
  version: number;
  source: ListingSource;
}

export type Listing =
  | { kind: 'listed'; instrument: ListedInstrument }
  | { kind: 'unchanged'; instrument: ListedInstrument }
  | { kind: 'refused'; reason: 'index-is-not-traded' | 'bar-interval-is-fixed'; detail: string };

/** Decides what listing these terms means, beside what is listed under the name already. */
export function list(existing: ListedInstrument | undefined, offered: InstrumentTerms, source: ListingSource): Listing {
  const terms = canonicalTerms(offered);
  if (terms.kind === 'INDEX' && terms.tradable) {
    return {
      kind: 'refused',
      reason: 'index-is-not-traded',
      detail: `${terms.instrument} is an index: list a paper contract on it (INDEX_CFD) to trade it`,
    };
  }
  if (existing === undefined) return { kind: 'listed', instrument: { ...terms, version: 1, source } };
  // Bars are numbered without gaps and every model's memory is counted in them: another length is another instrument.
  if (existing.barIntervalSeconds !== terms.barIntervalSeconds) {
    return {
      kind: 'refused',
      reason: 'bar-interval-is-fixed',
      detail: `${terms.instrument} has bars of ${existing.barIntervalSeconds} s since it was listed`,
    };
  }
  if (sameTerms(existing, terms)) return { kind: 'unchanged', instrument: existing };
  return { kind: 'listed', instrument: { ...terms, version: existing.version + 1, source } };
}

function canonicalTerms(terms: InstrumentTerms): InstrumentTerms {
  return {
    ...terms,
    multiplier: canonical(terms.multiplier),
    tickSize: canonical(terms.tickSize),
    lotSize: canonical(terms.lotSize),
    feePerLot: canonical(terms.feePerLot),
    depthLots: canonical(terms.depthLots),
  };
}

function sameTerms(left: InstrumentTerms, right: InstrumentTerms): boolean {
  return (Object.keys(right) as (keyof InstrumentTerms)[]).every((field) => left[field] === right[field]);
}
