import type { DecoderStep } from '../../src/decoder/beam-search.ts';

/** Any fixed function of the labels so far: probabilities of the end and of each label, which sum to 1. */
export function toyProbabilities(labels: readonly number[], labelCount: number, seed: number): number[] {
  let hash = seed + 17;
  const weights = Array.from({ length: labelCount + 1 }, (_, symbol) => {
    for (const value of [...labels, symbol, labels.length]) hash = Math.imul(hash ^ (value + 1), 0x9e3779b1) >>> 7;
    return 0.02 + (hash % 1000) / 1000;
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** A decoder whose state is the labels it was fed, kept by row as a real decoder's is: wrong parents give wrong scores. */
export function createToyDecoder(labelCount: number, seed: number): { step: DecoderStep; batchSizes: number[] } {
  let states: number[][] = [[]];
  const batchSizes: number[] = [];
  const step: DecoderStep = async (tokens, parents) => {
    states = Array.from(parents, (parent, row) => {
      const token = tokens[row] ?? 0;
      return [...(states[parent] ?? []), ...(token === 0 ? [] : [token])];
    });
    batchSizes.push(states.length);
    const data = Float64Array.from(
      states.flatMap((labels) => toyProbabilities(labels, labelCount, seed)),
      Math.log,
    );
    const alignment = Float32Array.from(states.flatMap((labels) => [labels.length, labels.at(-1) ?? 0, 1]));
    return { logProbabilities: { width: labelCount + 1, data }, alignment };
  };
  return { step, batchSizes };
}

/** Every label sequence up to `maxLength`. */
export function sequencesUpTo(maxLength: number, labels: readonly number[]): number[][] {
  const ofLength = (length: number): number[][] =>
    length === 0 ? [[]] : ofLength(length - 1).flatMap((head) => labels.map((label) => [...head, label]));
  return Array.from({ length: maxLength + 1 }, (_, length) => ofLength(length)).flat();
}

/** Log-probability of the labels and the end after them. */
export function toyLogProbability(labels: readonly number[], labelCount: number, seed: number): number {
  return [...labels, 0].reduce(
    (sum, next, index) => sum + Math.log(toyProbabilities(labels.slice(0, index), labelCount, seed)[next] ?? 0),
    0,
  );
}
