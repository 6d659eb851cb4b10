import test from 'ava';
import fc from 'fast-check';
import { copulaCouplings } from '../../../functions/simulation/engine/correlation/coupling.ts';
import { choleskyFactor, symmetricEigen } from '../../../functions/simulation/engine/correlation/matrix.ts';
import { nearestCorrelation } from '../../../functions/simulation/engine/correlation/nearest-correlation.ts';

test('a factor times its transpose is the matrix again', (t) => {
  const matrix = [
    [1, 0.5, 0.2],
    [0.5, 1, -0.3],
    [0.2, -0.3, 1],
  ];
  const factor = choleskyFactor(matrix) ?? [];
  matrix.forEach((row, i) => {
    row.forEach((value, j) => {
      const product = (factor[i] ?? []).reduce((sum, left, k) => sum + left * (factor[j]?.[k] ?? 0), 0);
      t.true(Math.abs(product - value) < 1e-14);
    });
  });
  t.is(
    choleskyFactor([
      [1, 2],
      [2, 1],
    ]),
    undefined,
  );
});

test("Higham's own example gets his nearest correlation matrix", (t) => {
  // N. J. Higham (2002), section 4: the matrix of 1, 1, 0 / 1, 1, 1 / 0, 1, 1.
  const nearest = nearestCorrelation([
    [1, 1, 0],
    [1, 1, 1],
    [0, 1, 1],
  ]);
  t.true(Math.abs((nearest[0]?.[1] ?? 0) - 0.7607) < 1e-3);
  t.true(Math.abs((nearest[0]?.[2] ?? 0) - 0.1573) < 1e-3);
  t.truthy(choleskyFactor(nearest));
});

test('a repaired matrix has ones on its diagonal and no eigenvalue below zero', (t) => {
  const entry = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(entry, entry, entry, (a, b, c) => {
      const repaired = nearestCorrelation([
        [1, a, b],
        [a, 1, c],
        [b, c, 1],
      ]);
      const { values } = symmetricEigen(repaired);
      return repaired.every((row, i) => row[i] === 1) && values.every((value) => value > -1e-12);
    }),
    { numRuns: 60 },
  );
  t.pass();
});

test('inputs tied to each other through others are one group, and a repair is told', (t) => {
  const fitting = copulaCouplings([
    { first: 0, second: 3, rank: 0.5 },
    { first: 3, second: 5, rank: 0.2 },
    { first: 1, second: 2, rank: -0.9 },
  ]);
  t.deepEqual(
    fitting.couplings.map(({ inputs }) => inputs),
    [
      [0, 3, 5],
      [1, 2],
    ],
  );
  t.false(fitting.repaired);
  const impossible = copulaCouplings([
    { first: 0, second: 1, rank: 0.9 },
    { first: 1, second: 2, rank: 0.9 },
    { first: 0, second: 2, rank: -0.9 },
  ]);
  t.true(impossible.repaired);
});
