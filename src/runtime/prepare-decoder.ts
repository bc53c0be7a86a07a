import type { DecoderStep } from '../search/decoder-step.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Executor } from './executor.ts';
import { arrayNamed, floatsNamed, rowOf, stackRows } from './rows.ts';
import { zeroStates } from './zero-states.ts';

/** What the attention decoder reads: E entries of depth D. */
export type DecoderEntries = {
  /** `[E, D]` */ readonly entries: Float32Array;
  /** `[E]`: 0 or a log-mass. */ readonly bias: Float32Array;
};

/**
 * Projects the entries once; what it gives opens searches over them, each from the decoder's start. `signal` is looked
 * at before each step.
 */
export async function prepareDecoder(
  executor: Executor,
  { entries, bias }: DecoderEntries,
  signal?: AbortSignal,
): Promise<() => DecoderStep> {
  const count = bias.length;
  const values: HostArray = { shape: [1, count, entries.length / count], data: entries };
  const keys = arrayNamed(await executor.run('decodePrepare', { entries: values }), 'keys');
  const start = zeroStates(await executor.inputs('decodeStep'), { B: 1, E: count });
  const rows = { keys, values, bias: { shape: [1, count], data: bias } };
  const repeated = new Map<number, Record<string, HostArray>>(); // by batch size: a beam keeps its size for many steps

  return () => {
    let states = start;
    return async (tokens, parents) => {
      signal?.throwIfAborted();
      const batch = tokens.length;
      const memory =
        repeated.get(batch) ?? mapArrays(rows, (row) => stackRows(Array.from({ length: batch }, () => row)));
      repeated.set(batch, memory);
      const token: HostArray = { shape: [batch], data: tokens };
      const inherited = mapArrays(states, (state) => stackRows(Array.from(parents, (parent) => rowOf(state, parent))));
      const outputs = await executor.run('decodeStep', { token, ...memory, ...inherited });
      states = mapArrays(start, (_, name) => arrayNamed(outputs, name));
      const { shape } = arrayNamed(outputs, 'logProbabilities');
      return {
        logProbabilities: { width: shape[1] ?? 0, data: floatsNamed(outputs, 'logProbabilities') },
        alignment: floatsNamed(outputs, 'alignment'),
      };
    };
  };
}

function mapArrays(
  arrays: Readonly<Record<string, HostArray>>,
  map: (array: HostArray, name: string) => HostArray,
): Record<string, HostArray> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, map(array, name)]));
}
