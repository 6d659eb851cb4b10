/** A square matrix, row by row. */
export type Matrix = readonly (readonly number[])[];

/** The lower triangle whose product with its transpose is the matrix; undefined where that is not positive definite. */
export function choleskyFactor(matrix: Matrix): number[][] | undefined {
  const factor = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < matrix.length; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let rest = matrix[i]?.[j] ?? 0;
      for (let k = 0; k < j; k += 1) rest -= (factor[i]?.[k] ?? 0) * (factor[j]?.[k] ?? 0);
      const row = factor[i];
      if (row === undefined) continue;
      if (i === j) {
        if (rest <= 1e-12) return undefined;
        row[i] = Math.sqrt(rest);
      } else row[j] = rest / (factor[j]?.[j] ?? 1);
    }
  }
  return factor;
}

/** Eigenvalues and their vectors (columns) of a symmetric matrix, by Jacobi's rotations. */
export function symmetricEigen(matrix: Matrix): { readonly values: number[]; readonly vectors: number[][] } {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  const vectors = a.map((_, i) => a.map((__, j) => (i === j ? 1 : 0)));
  const at = (m: number[][], i: number, j: number) => m[i]?.[j] ?? 0;
  for (let sweep = 0; sweep < 60; sweep += 1) {
    let off = 0;
    for (let i = 0; i < n; i += 1) for (let j = 0; j < i; j += 1) off += at(a, i, j) ** 2;
    if (off < 1e-30) break;
    for (let p = 0; p < n; p += 1) {
      for (let q = p + 1; q < n; q += 1) rotate(a, vectors, p, q, at);
    }
  }
  return { values: a.map((row, i) => row[i] ?? 0), vectors };
}

function rotate(
  a: number[][],
  vectors: number[][],
  p: number,
  q: number,
  at: (m: number[][], i: number, j: number) => number,
): void {
  const apq = at(a, p, q);
  if (Math.abs(apq) < 1e-300) return;
  const theta = (at(a, q, q) - at(a, p, p)) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const mix = (m: number[][], i: number, j: number, k: number, l: number) => {
    const x = at(m, i, j);
    const y = at(m, k, l);
    const first = m[i];
    const second = m[k];
    if (first) first[j] = c * x - s * y;
    if (second) second[l] = s * x + c * y;
  };
  for (let k = 0; k < a.length; k += 1) mix(a, k, p, k, q);
  for (let k = 0; k < a.length; k += 1) mix(a, p, k, q, k);
  for (let k = 0; k < a.length; k += 1) mix(vectors, k, p, k, q);
}
