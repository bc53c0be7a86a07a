/** Types of what graphs compute with. `float16` is only in graphs of mixed precision: see `inHalfPrecision`. */
export type ElementType = 'float32' | 'float16' | 'int32' | 'int64' | 'bool';

/** Codes of `TensorProto.DataType`, which `Cast` takes too. */
export const ELEMENT_CODES: Readonly<Record<ElementType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};
