import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { parse } from 'csv-parse/sync';
import { multiply } from '#contracts/kit/decimal.ts';
import { type InstrumentTerms, list } from '../../functions/market/domain/instrument.ts';
import { DATED_TERMS, type DatedTerms, termsInForce } from '../../functions/market/domain/terms.ts';

const COCOA: InstrumentTerms = {
  instrument: 'COCOA',
  description: 'Cocoa, US dollars per tonne',
  kind: 'INDEX_CFD',
  tradable: true,
  currency: 'USD',
  multiplier: '10.0',
  tickSize: '1',
  lotSize: '1',
  barIntervalSeconds: 86_400,
  feePerLot: '2.50',
  spreadTicks: 2,
  depthLots: '50',
  levels: 5,
  collarVolatilities: 10,
};

const listed = (terms: InstrumentTerms) => {
  const listing = list(undefined, terms, 'operator');
  if (listing.kind !== 'listed') throw new Error(`not listed: ${listing.kind}`);
  return listing.instrument;
};

test('a first listing is version 1, its decimals in canonical form', (t) => {
  t.like(listed(COCOA), { version: 1, multiplier: '10', feePerLot: '2.5', source: 'operator' });
});

test('listing the same terms again changes nothing, however their decimals are written', (t) => {
  t.is(list(listed(COCOA), { ...COCOA, multiplier: '10.00' }, 'operator').kind, 'unchanged');
});

test('changed terms are the next version', (t) => {
  const listing = list(listed(COCOA), { ...COCOA, feePerLot: '3' }, 'operator');
  t.like(listing, { kind: 'listed', instrument: { version: 2, feePerLot: '3' } });
});

test('the bar interval of a listed instrument stays what it is', (t) => {
  const listing = list(listed(COCOA), { ...COCOA, barIntervalSeconds: 60 }, 'operator');
  t.like(listing, { kind: 'refused', reason: 'bar-interval-is-fixed' });
});

test('an index is quoted and never traded', (t) => {
  t.like(list(undefined, { ...COCOA, kind: 'INDEX' }, 'operator'), { kind: 'refused', reason: 'index-is-not-traded' });
  t.is(list(undefined, { ...COCOA, kind: 'INDEX', tradable: false }, 'operator').kind, 'listed');
});

test('of the rows that have begun, the latest is in force', (t) => {
  const row = (validFrom: string, feePerLot: string): DatedTerms => ({ validFrom, terms: { ...COCOA, feePerLot } });
  const table = [row('2026-01-01', '2'), row('2025-01-01', '1'), row('2027-01-01', '3')];
  const feeOn = (day: string) => termsInForce(new Date(day), table).map((terms) => terms.feePerLot);
  t.deepEqual(feeOn('2024-12-31'), []);
  t.deepEqual(feeOn('2025-12-31T23:59:59Z'), ['1']);
  t.deepEqual(feeOn('2026-01-01'), ['2']);
});

test('every row of the dated table can be listed', (t) => {
  for (const { terms } of DATED_TERMS) t.is(list(undefined, terms, 'dated-table').kind, 'listed', terms.instrument);
});

test('cotton and sugar are quoted in cents: a move of one cent is worth a hundredth of the contract in dollars', (t) => {
  const terms = new Map(termsInForce(new Date('2025-06-01')).map((each) => [each.instrument, each]));
  t.like(terms.get('CT'), { multiplier: '500', tickSize: '0.01' });
  t.like(terms.get('SB'), { multiplier: '1120', tickSize: '0.01' });
});

const LEAN = join(import.meta.dirname, '../../../shared/data/reference/lean-symbol-properties.csv');
const SOURCES: Record<string, string> = {
  CL: 'nymex,CL,future',
  NG: 'nymex,NG,future',
  HG: 'comex,HG,future',
  B: 'ice,B,future',
  CT: 'ice,CT,future',
  SB: 'ice,SB,future',
  'BTC-PERP': 'dydx,BTCUSD,cryptofuture',
  BTCUSD: 'coinbase,BTCUSD,crypto',
};

test("a tick is worth what it is in Lean's symbol properties, and quantities have its step", (t) => {
  let text: string;
  try {
    text = readFileSync(LEAN, 'utf8');
  } catch {
    t.log(`skipped: ${LEAN} is not on this machine`);
    t.pass();
    return;
  }
  const rows: string[][] = parse(text, { comment: '#', relax_column_count: true });
  const leanRows = new Map(rows.map((row) => [row.slice(0, 3).join(','), row]));
  for (const terms of termsInForce(new Date('2025-06-01'))) {
    const source = SOURCES[terms.instrument];
    if (source === undefined) continue;
    const [, , , , currency = '', contractSize = '', variation = '', lotSize = ''] = leanRows.get(source) ?? [];
    t.is(terms.currency, currency);
    t.is(multiply(terms.tickSize, terms.multiplier), multiply(variation, contractSize), terms.instrument);
    t.is(multiply(terms.lotSize, '1'), multiply(lotSize, '1'), terms.instrument);
  }
});
