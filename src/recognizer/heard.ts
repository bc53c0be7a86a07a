/** Which head of a model hears what may be said: its labels, or the phones that any words are made of. */
import type { SpokenGrammar } from '../grammar/code-grammar.ts';
import type { GrammarWalk } from '../grammar/walk.ts';
import { floatsNamed } from '../cell/rows.ts';
import { concatenate } from '../tensor/concatenate.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import type { Engine } from './engine.ts';

/** Symbols of the head that hears `grammar`, without the blank, and how they may follow each other; `undefined` where in any order. */
export function heardBy(
  { vocabulary }: Pick<Engine['config'], 'vocabulary'>,
  { code, phones }: SpokenGrammar,
): { readonly labelCount: number; readonly walk: GrammarWalk | undefined } {
  if (phones !== undefined) return { labelCount: phones.phones.length, walk: phones.walk };
  return { labelCount: vocabulary.labels.length, walk: code?.walk };
}

/** What the memory's read gave for the vectors of a chunk, and what may be said in its stream. */
type Read = { readonly outputs: HostArrays; readonly vectorCount: number; readonly grammar: SpokenGrammar };

/**
 * Log-probabilities of each of `reads`, `[n, labels + 1]`, by the head that hears its grammar. Phones, which the read does not give, are computed for all that want
 * them in one call.
 */
export async function heardRows(
  { config, executor, sizes }: Engine,
  reads: readonly Read[],
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
  const asking = reads.filter(({ vectorCount, grammar }) => grammar.phones !== undefined && vectorCount > 0);
  let phones: Float32Array = new Float32Array(0);
  if (asking.length > 0) {
    signal?.throwIfAborted();
    const data = concatenate(asking.map(({ outputs }) => floatsNamed(outputs, 'outputs')));
    const given = { shape: [1, data.length / sizes.depth, sizes.depth], data };
    phones = floatsNamed(await executor.run('phones', { reads: given }), 'logProbabilities');
  }
  const width = (config.phones?.length ?? 0) + 1;
  let first = 0;
  return reads.map(({ outputs, vectorCount, grammar }) => {
    if (vectorCount === 0) return new Float32Array(0);
    if (grammar.phones === undefined) return floatsNamed(outputs, 'logProbabilities');
    const own = phones.subarray(first, first + vectorCount * width);
    first += own.length;
    return own;
  });
}
