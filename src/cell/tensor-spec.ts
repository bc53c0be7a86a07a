/** An axis: a fixed size, or a letter for a size known only when the cell runs (`'B'` batch, `'T'` vectors, ...). */
export type Axis = number | string;

export type TensorSpec = {
  readonly shape: readonly Axis[];
  readonly dtype: 'float32' | 'int32';
};

/** Spec of a float32 tensor. */
export function floats(...shape: Axis[]): TensorSpec {
  return { shape, dtype: 'float32' };
}
