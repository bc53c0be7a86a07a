/** The attention scores written as loops over plain numbers. */
import type { AttentionScoreName } from '../../src/attention/score-name.ts';
import type { Weights } from '../../src/cell/cell.ts';

type Matrix = number[][];
/** NaN where there is none. */
export const at = (values: readonly number[] | undefined, index: number): number => values?.[index] ?? Number.NaN;
const dotProduct = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * at(b, index), 0);
/** `x W` */
const times = (x: readonly number[], w: Matrix): number[] =>
  (w[0] ?? []).map((_, column) => x.reduce((sum, value, row) => sum + value * at(w[row], column), 0));
const plus = (...vectors: number[][]): number[] =>
  (vectors[0] ?? []).map((_, index) => vectors.reduce((sum, vector) => sum + at(vector, index), 0));

/** A query, an entry with its index, and the row of the alignment before. */
export type Asked = { readonly q: number[]; readonly h: number[]; readonly e: number; readonly previous: number[] };
export type Arrays = { readonly matrix: (name: string) => Matrix; readonly vector: (name: string) => number[] };

export function arraysOf(weights: Weights): Arrays {
  return {
    matrix: (name) => weights[name]?.arraySync() as Matrix,
    vector: (name) => weights[name]?.arraySync() as number[],
  };
}

/** Each score's equation as its paper has it. */
/** One layer of tanh over query and entry side by side. */
const layer = ({ matrix, vector }: Arrays, { q, h }: Asked): number[] =>
  plus(times([...q, ...h], [...matrix('query'), ...matrix('key')]), vector('bias')).map(Math.tanh);

export const EQUATIONS: Record<AttentionScoreName, (weights: Arrays, asked: Asked) => number> = {
  additive: ({ matrix, vector }, { q, h }) =>
    dotProduct(
      vector('score'),
      plus(times(q, matrix('query')), times(h, matrix('key')), vector('bias')).map(Math.tanh),
    ),
  location: ({ matrix, vector }, { q, h, e, previous }) => {
    const filters = matrix('location.filters');
    const first = e - (filters.length - 1) / 2;
    const features = (filters[0] ?? []).map((_, channel) =>
      filters.reduce((sum, taps, tap) => sum + at(taps, channel) * (previous[first + tap] ?? 0), 0),
    );
    const parts = [times(q, matrix('query')), times(h, matrix('key')), times(features, matrix('location.kernel'))];
    return dotProduct(vector('score'), plus(...parts, vector('bias')).map(Math.tanh));
  },
  dot: (_, { q, h }) => dotProduct(q, h),
  general: ({ matrix }, { q, h }) => dotProduct(q, times(h, matrix('key'))),
  concat: ({ matrix, vector }, { q, h }) =>
    dotProduct(vector('score'), times([...q, ...h], [...matrix('query'), ...matrix('key')]).map(Math.tanh)),
  cosine: ({ vector }, { q, h }) =>
    (at(vector('strength'), 0) * dotProduct(q, h)) / Math.sqrt(dotProduct(q, q) * dotProduct(h, h)),
  network: (weights, asked) => {
    const { matrix, vector } = weights;
    const second = plus(times(layer(weights, asked), matrix('hidden.kernel')), vector('hidden.bias')).map(Math.tanh);
    return dotProduct(vector('score'), second);
  },
  'scaled-dot': ({ matrix }, { q, h }) =>
    dotProduct(times(q, matrix('query')), times(h, matrix('key'))) /
    Math.sqrt(matrix('query')[0]?.length ?? Number.NaN),
};
