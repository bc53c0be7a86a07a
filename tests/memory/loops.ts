/** The pieces of the memory's equations as plain loops over numbers, in double precision. */
import type { HostArrays } from '../../src/tensor/host-array.ts';

export function matrixOf(arrays: HostArrays, name: string): number[][] {
  const { shape, data } = arrays[name] ?? { shape: [0, 0], data: [] };
  const [rows = 0, columns = 0] = shape;
  return Array.from({ length: rows }, (_, row) => Array.from(data.slice(row * columns, (row + 1) * columns)));
}

export function timesMatrix(row: readonly number[], matrix: readonly (readonly number[])[]): number[] {
  return (matrix[0] ?? []).map((_, column) =>
    row.reduce((sum, x, index) => sum + x * (matrix[index]?.[column] ?? 0), 0),
  );
}

export function rms(row: readonly number[]): number[] {
  const scale = 1 / Math.sqrt(row.reduce((sum, x) => sum + x * x, 0) / row.length + 1e-6);
  return row.map((x) => x * scale);
}

export function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const shares = logits.map((logit) => Math.exp(logit - highest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

/** `x + gelu(rms(x) W_1 + b_1) W_2` with the tanh form of GELU. */
export function mlpRow(arrays: HostArrays, name: string, x: readonly number[]): number[] {
  const bias = arrays[`${name}.up.bias`]?.data ?? [];
  const hidden = timesMatrix(rms(x), matrixOf(arrays, `${name}.up.kernel`)).map((sum, unit) => {
    const u = sum + (bias[unit] ?? 0);
    return (u / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (u + 0.044715 * u ** 3)));
  });
  const added = timesMatrix(hidden, matrixOf(arrays, `${name}.down.kernel`));
  return x.map((value, index) => value + (added[index] ?? 0));
}
