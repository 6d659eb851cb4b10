import test from 'ava';
import { standardNormalQuantile } from '../../../functions/simulation/engine/distributions/special-functions.ts';
import { portfolioRisk } from '../../../functions/simulation/engine/portfolio/portfolio-risk.ts';
import { PortfolioRefusal, type PortfolioRefusalCode } from '../../../functions/simulation/engine/portfolio/refusal.ts';
import type { PortfolioRequest, Position } from '../../../functions/simulation/engine/portfolio/request.ts';

/** Crude that trades below zero, held long, against a product held short. */
const positions: readonly Position[] = [
  { name: 'CL', quantity: 40, multiplier: 1000, price: -36.98 },
  { name: 'HO', quantity: -25, multiplier: 42_000, price: 2.31 },
  { name: 'ZS', quantity: 10, multiplier: 50, price: 1180 },
];
const deviations = [2.4, 0.06, 14];
const correlations = [
  [1, 0.7, 0.2],
  [0.7, 1, 0.1],
  [0.2, 0.1, 1],
];

const request: PortfolioRequest = {
  positions,
  source: { kind: 'deviations', deviations, correlations },
  method: { kind: 'normal' },
  horizonDays: 10,
  scaling: 'root',
  levels: [0.95, 0.99],
  paths: 200_000,
  seed: 5,
};

/** Deviation of the whole over a day, and each position's share of it: exposure × covariance with the whole. */
function dayOf(): { deviation: number; shares: number[] } {
  const exposures = positions.map(({ quantity, multiplier }, at) => quantity * multiplier * (deviations[at] ?? 0));
  const covariances = exposures.map((own, i) =>
    exposures.reduce((sum, other, j) => sum + own * other * (correlations[i]?.[j] ?? 0), 0),
  );
  const variance = covariances.reduce((sum, one) => sum + one, 0);
  return { deviation: Math.sqrt(variance), shares: covariances.map((one) => one / variance) };
}

/** A history with a crash in it, from a fixed rule. */
function history(days: number): number[][] {
  return Array.from({ length: days }, (_, day) => {
    const wave = (step: number) => standardNormalQuantile((((day * step) % days) + 0.5) / days);
    const size = day === days - 20 ? 9 : day > days - 60 ? 2 : 1;
    return [2.4 * size * wave(37), 0.06 * size * wave(41), 14 * wave(43)];
  });
}

test('a normal portfolio has the value at risk and shortfall of the closed form, and their parts', async (t) => {
  const risk = await portfolioRisk(request);
  const { deviation, shares } = dayOf();
  t.is(risk.value, 40 * 1000 * -36.98 - 25 * 42_000 * 2.31 + 10 * 50 * 1180);
  for (const { level, ...at } of risk.levels) {
    const z = standardNormalQuantile(level);
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const known = z * deviation * Math.sqrt(10);
    const shortfall = (density / (1 - level)) * deviation * Math.sqrt(10);
    const error = ({ low, high }: { low: number; high: number }) => (high - low) / 3.92;
    t.true(Math.abs(at.valueAtRisk - known) < 4 * error(at.valueAtRiskInterval), `${at.valueAtRisk} ${known}`);
    t.true(Math.abs(at.expectedShortfall - shortfall) < 4 * error(at.expectedShortfallInterval));
    const sum = (of: (one: (typeof at.contributions)[number]) => number) =>
      at.contributions.reduce((total, one) => total + of(one), 0);
    t.true(Math.abs(sum((one) => one.valueAtRisk) / at.valueAtRisk - 1) < 1e-9, 'the parts add up');
    t.true(Math.abs(sum((one) => one.expectedShortfall) / at.expectedShortfall - 1) < 1e-9);
    at.contributions.forEach((one, index) => {
      t.true(Math.abs(one.expectedShortfall / shortfall - (shares[index] ?? 0)) < 0.03, one.position);
      t.true(Math.abs(one.valueAtRisk / known - (shares[index] ?? 0)) < 0.06, one.position);
    });
  }
});

test("Student's t has the same deviation and a heavier tail", async (t) => {
  const normal = await portfolioRisk(request);
  const student = await portfolioRisk({ ...request, method: { kind: 'student', freedom: 4 } });
  const off = Math.abs(student.standardDeviation / normal.standardDeviation - 1);
  t.true(off < 0.03, `${off}`);
  t.true((student.levels[1]?.expectedShortfall ?? 0) > 1.15 * (normal.levels[1]?.expectedShortfall ?? 0));
  const drawn = await portfolioRisk({ ...request, method: { kind: 'student', freedom: 4 }, scaling: 'drawn' });
  t.true(
    (drawn.levels[1]?.expectedShortfall ?? 0) < (student.levels[1]?.expectedShortfall ?? 0),
    'ten independent days are nearer to normal than one day made larger',
  );
});

test('a history is taken as it was, or in the volatility of today', async (t) => {
  const days = history(500);
  const source = { kind: 'history', days } as const;
  const plain = await portfolioRisk({ ...request, source, method: { kind: 'historical' }, horizonDays: 1 });
  const gains = days.map((day) =>
    positions.reduce((sum, p, at) => sum + p.quantity * p.multiplier * (day[at] ?? 0), 0),
  );
  const ascending = gains.sort((a, b) => a - b);
  t.false(plain.drawn);
  t.is(plain.scenarios, 500);
  const worst = ascending.slice(0, 25).reduce((sum, gain) => sum + gain, 0) / 25;
  t.true(Math.abs((plain.levels[0]?.expectedShortfall ?? 0) + worst) < 1e-6 * Math.abs(worst));
  const filtered = await portfolioRisk({
    ...request,
    source,
    method: { kind: 'filtered', decay: 0.94 },
    horizonDays: 1,
  });
  t.true(filtered.standardDeviation > 1.3 * plain.standardDeviation, 'the last weeks were wilder than the rest');
  const drawn = await portfolioRisk({ ...request, source, method: { kind: 'historical' }, scaling: 'drawn' });
  t.true(drawn.drawn);
  t.true(Math.abs(drawn.standardDeviation / (plain.standardDeviation * Math.sqrt(10)) - 1) < 0.02);
});

test('the same request gives the same bits, and another position changes no stream but its own', async (t) => {
  t.deepEqual(await portfolioRisk(request), await portfolioRisk(request));
  const more = await portfolioRisk({
    ...request,
    positions: [...positions, { name: 'W', quantity: 0, multiplier: 50, price: 600 }],
    source: {
      kind: 'deviations',
      deviations: [...deviations, 9],
      correlations: [...correlations.map((row) => [...row, 0]), [0, 0, 0, 1]],
    },
  });
  t.is(more.levels[0]?.valueAtRisk, (await portfolioRisk(request)).levels[0]?.valueAtRisk);
});

test('two holdings of one instrument move as one, and correlations that do not fit are repaired and told', async (t) => {
  const twin = (rank: number, third = 0) => ({
    ...request,
    positions: positions.map((position, at) => ({ ...position, name: `${at}` })),
    source: {
      kind: 'deviations' as const,
      deviations,
      correlations: [
        [1, rank, third],
        [rank, 1, -third],
        [third, -third, 1],
      ],
    },
  });
  t.false((await portfolioRisk(twin(1))).correlationsRepaired);
  t.true((await portfolioRisk(twin(0.9, 0.9))).correlationsRepaired);
});

const refusals: readonly (readonly [PortfolioRefusalCode, Partial<PortfolioRequest>])[] = [
  ['bad-position', { positions: [] }],
  ['bad-position', { positions: [...positions.slice(0, 2), { ...positions[0], name: 'CL' } as Position] }],
  ['bad-moves', { source: { kind: 'deviations', deviations: [1, 2], correlations } }],
  ['bad-moves', { source: { kind: 'deviations', deviations, correlations: correlations.slice(1) } }],
  ['history-needed', { method: { kind: 'historical' } }],
  ['too-few-days', { source: { kind: 'history', days: history(20) } }],
  ['bad-setting', { levels: [1.2] }],
  ['bad-setting', { method: { kind: 'student', freedom: 2 } }],
  ['bad-setting', { horizonDays: 0 }],
];

for (const [code, changes] of refusals) {
  test(`a request is refused as ${code}: ${Object.keys(changes).join(', ')} ${JSON.stringify(changes).length}`, async (t) => {
    const error = await t.throwsAsync(portfolioRisk({ ...request, ...changes }), { instanceOf: PortfolioRefusal });
    t.is((error as PortfolioRefusal).code, code);
  });
}
