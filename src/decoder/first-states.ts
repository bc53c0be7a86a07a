/** The decoder's states before its first step, where they are made of the encoder's last one. */
import type { Executor } from '../cell/executor.ts';
import { floatsNamed } from '../cell/rows.ts';
import type { DecoderConfig } from './config.ts';
import type { DecoderRowState } from './decoder-batch.ts';

/** States of as many decoders as there are `finals`, each `[D]`; nothing where they are zeros. Runs cell `decodeStart`. */
export async function firstStates(
  executor: Executor,
  { firstState }: Pick<DecoderConfig, 'firstState'>,
  finals: readonly Float32Array[],
): Promise<DecoderRowState[] | undefined> {
  const [first] = finals;
  if (firstState === 'zeros' || first === undefined) return undefined;
  const depth = first.length;
  const data = new Float32Array(finals.length * depth);
  for (const [row, final] of finals.entries()) data.set(final, row * depth);
  const outputs = await executor.run('decodeStart', { final: { shape: [finals.length, depth], data } });
  return finals.map((_, row) =>
    Object.fromEntries(
      Object.keys(outputs).map((name) => {
        const all = floatsNamed(outputs, name);
        const width = all.length / finals.length;
        return [name, all.slice(row * width, (row + 1) * width)];
      }),
    ),
  );
}
