import { type Decimal, divide, multiply } from '#contracts/kit/decimal.ts';
import type { InstrumentTerms } from './instrument.ts';

export interface DatedTerms {
  /** The first day these terms hold, UTC: `2025-01-01`. */
  validFrom: string;
  terms: InstrumentTerms;
}

/** A contract as its exchange specifies it, in whole currency units: Lean's symbol-properties table has these columns. */
interface ContractFacts {
  contractSize: Decimal;
  minimumPriceVariation: Decimal;
  lotSize: Decimal;
  /** Quotation units in one currency unit: 100 where prices are quoted in cents. */
  priceMagnifier: Decimal;
}

/** What the paper venue charges and shows: assumptions of ours, near what a member paid in 2025. */
type PaperTerms = Pick<InstrumentTerms, 'feePerLot' | 'spreadTicks' | 'depthLots' | 'levels' | 'collarVolatilities'>;

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 86_400;

const CL: ContractFacts = { contractSize: '1000', minimumPriceVariation: '0.01', lotSize: '1', priceMagnifier: '1' };
const B: ContractFacts = { contractSize: '1000', minimumPriceVariation: '0.01', lotSize: '1', priceMagnifier: '1' };
const NG: ContractFacts = { contractSize: '10000', minimumPriceVariation: '0.001', lotSize: '1', priceMagnifier: '1' };
const HG: ContractFacts = { contractSize: '25000', minimumPriceVariation: '0.0005', lotSize: '1', priceMagnifier: '1' };
// ICE quotes both in cents a pound. Lean carries the magnifier for CT only; its sizes and variations are in dollars for both.
const CT: ContractFacts = {
  contractSize: '50000',
  minimumPriceVariation: '0.0001',
  lotSize: '1',
  priceMagnifier: '100',
};
const SB: ContractFacts = {
  contractSize: '112000',
  minimumPriceVariation: '0.0001',
  lotSize: '1',
  priceMagnifier: '100',
};
const BTC_PERPETUAL: ContractFacts = {
  contractSize: '1',
  minimumPriceVariation: '1',
  lotSize: '0.0001',
  priceMagnifier: '1',
};
const BTC_SPOT: ContractFacts = {
  contractSize: '1',
  minimumPriceVariation: '0.01',
  lotSize: '0.00000001',
  priceMagnifier: '1',
};

const LIQUID: PaperTerms = {
  feePerLot: '2.5',
  spreadTicks: 2,
  depthLots: '50',
  levels: 5,
  collarVolatilities: 10,
};
const THIN: PaperTerms = { ...LIQUID, spreadTicks: 4, depthLots: '20' };
const CRYPTO: PaperTerms = { feePerLot: '5', spreadTicks: 2, depthLots: '10', levels: 5, collarVolatilities: 10 };
const QUOTED_ONLY: PaperTerms = { feePerLot: '0', spreadTicks: 0, depthLots: '1', levels: 1, collarVolatilities: 0 };

/**
 * The one table of instruments and trading terms. A change is a new row with its first day, never an edit: what an old
 * order cost stays explainable. Facts from Lean's symbol-properties database (nymex, comex, ice, dydx and coinbase rows).
 */
export const DATED_TERMS: readonly DatedTerms[] = [
  since('2025-01-01', future('CL', 'WTI crude oil futures, NYMEX, US dollars per barrel', CL, LIQUID)),
  since('2025-01-01', future('B', 'Brent crude oil futures, ICE, US dollars per barrel', B, LIQUID)),
  since('2025-01-01', future('NG', 'Henry Hub natural gas futures, NYMEX, US dollars per MMBtu', NG, LIQUID)),
  since('2025-01-01', future('HG', 'Copper futures, COMEX, US dollars per pound', HG, THIN)),
  since('2025-01-01', future('CT', 'Cotton No. 2 futures, ICE, US cents per pound', CT, THIN)),
  since('2025-01-01', future('SB', 'Sugar No. 11 futures, ICE, US cents per pound', SB, THIN)),
  since('2025-01-01', indexCfd('WTI', 'Paper contract on the EIA Cushing spot index, US dollars per barrel', CL)),
  since('2025-01-01', indexCfd('BRENT', 'Paper contract on the EIA Brent spot index, US dollars per barrel', B)),
  since('2025-01-01', indexCfd('HENRYHUB', 'Paper contract on the EIA Henry Hub spot index, US dollars per MMBtu', NG)),
  since('2025-01-01', index('EIA-WTI-CUSHING', 'EIA Cushing spot price index, US dollars per barrel', CL)),
  since('2025-01-01', index('EIA-BRENT', 'EIA Brent spot price index, US dollars per barrel', B)),
  since('2025-01-01', index('EIA-HENRYHUB', 'EIA Henry Hub spot price index, US dollars per MMBtu', NG)),
  since('2025-01-01', {
    ...contract('BTC-PERP', 'Bitcoin perpetual, linear, US dollars per bitcoin', BTC_PERPETUAL, CRYPTO),
    kind: 'PERPETUAL',
    barIntervalSeconds: MINUTE_SECONDS,
  }),
  since('2025-01-01', {
    ...contract('BTCUSD', 'Bitcoin spot, US dollars per bitcoin', BTC_SPOT, CRYPTO),
    kind: 'SPOT',
    barIntervalSeconds: DAY_SECONDS,
  }),
];

/** The terms of each instrument on a day: of its rows that have begun, the latest. */
export function termsInForce(at: Date, table: readonly DatedTerms[] = DATED_TERMS): InstrumentTerms[] {
  const day = at.toISOString().slice(0, 10);
  const latest = new Map<string, DatedTerms>();
  for (const row of table) {
    const known = latest.get(row.terms.instrument);
    if (row.validFrom <= day && (known === undefined || known.validFrom < row.validFrom)) {
      latest.set(row.terms.instrument, row);
    }
  }
  return Array.from(latest.values(), (row) => row.terms);
}

function since(validFrom: string, terms: InstrumentTerms): DatedTerms {
  return { validFrom, terms };
}

function future(instrument: string, description: string, facts: ContractFacts, paper: PaperTerms): InstrumentTerms {
  return { ...contract(instrument, description, facts, paper), kind: 'FUTURE', barIntervalSeconds: MINUTE_SECONDS };
}

function indexCfd(instrument: string, description: string, facts: ContractFacts): InstrumentTerms {
  return { ...contract(instrument, description, facts, LIQUID), kind: 'INDEX_CFD', barIntervalSeconds: DAY_SECONDS };
}

function index(instrument: string, description: string, facts: ContractFacts): InstrumentTerms {
  const quoted = contract(instrument, description, facts, QUOTED_ONLY);
  return { ...quoted, kind: 'INDEX', tradable: false, barIntervalSeconds: DAY_SECONDS };
}

/** Sizes and variations move from currency units to quotation units. */
function contract(
  instrument: string,
  description: string,
  facts: ContractFacts,
  paper: PaperTerms,
): Omit<InstrumentTerms, 'kind' | 'barIntervalSeconds'> {
  return {
    instrument,
    description,
    tradable: true,
    currency: 'USD',
    multiplier: divide(facts.contractSize, facts.priceMagnifier),
    tickSize: multiply(facts.minimumPriceVariation, facts.priceMagnifier),
    lotSize: facts.lotSize,
    ...paper,
  };
}
