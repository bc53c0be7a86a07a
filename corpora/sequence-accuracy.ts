/** How often a sequence model writes exactly what it should. */
import { type Interval, wilsonInterval } from '../src/text/error-rate.ts';

/** What goes in, and what is to come out. */
export type SequencePair = { readonly input: string; readonly output: string };

export type SequenceAccuracy = {
  /** Share of sequences that are right from the first symbol to the end. */ readonly accuracy: number;
  /** Wilson's interval of it. */ readonly ci95: Interval;
  readonly sequences: number;
};

/** Writes what a model makes of each input, in their order. */
export type SequenceWriter = (inputs: readonly string[]) => Promise<readonly string[]>;

/** How many of `pairs` `write` gets exactly right; one that it does not answer is wrong. */
export async function sequenceAccuracy(
  pairs: readonly SequencePair[],
  write: SequenceWriter,
): Promise<SequenceAccuracy> {
  const outputs = await write(pairs.map(({ input }) => input));
  const right = pairs.filter(({ output }, index) => outputs[index] === output).length;
  return { accuracy: right / pairs.length, ci95: wilsonInterval(right, pairs.length), sequences: pairs.length };
}

/** The figures of several sets together. */
export function pooledAccuracy(parts: readonly SequenceAccuracy[]): SequenceAccuracy {
  const sequences = parts.reduce((sum, part) => sum + part.sequences, 0);
  const right = parts.reduce((sum, part) => sum + Math.round(part.accuracy * part.sequences), 0);
  return { accuracy: right / sequences, ci95: wilsonInterval(right, sequences), sequences };
}
