import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Executor } from '../../src/cell/executor.ts';
import type { Engine, HiddenFrom } from '../../src/recognizer/engine.ts';
import { snapshotStream } from '../../src/recognizer/state.ts';
import { MASKED } from '../../src/memory/state.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { listen, type Listened } from './listen.ts';
import { onnxTiny, tinyEngine, tones } from './tiny-engine.ts';

/** Longer than the window, which is of 6 to 9 vectors of 40 ms. */
const SAMPLES = tones(6, 3);
/** Bias above this is of what may be seen. */
const SEEN = MASKED / 2;

let executor: Executor;
beforeAll(async () => {
  executor = await onnxTiny();
});
afterAll(() => executor[Symbol.asyncDispose]());

/** What is heard, and the most entries that a query of each cell may see. */
async function heard(hidden?: HiddenFrom): Promise<Listened & { engine: Engine; read: number; decoder: number }> {
  const seen = { read: 0, decodeStep: 0 };
  const run = (cell: string, inputs: HostArrays): Promise<HostArrays> => {
    if (cell === 'read' || cell === 'decodeStep') {
      const bias = inputs['bias']!;
      const width = bias.shape.at(-1) ?? 0;
      for (let start = 0; start < bias.data.length; start += width) {
        const count = bias.data.subarray(start, start + width).filter((value) => value > SEEN).length;
        seen[cell] = Math.max(seen[cell], count);
      }
    }
    return executor.run(cell, inputs);
  };
  const watched = { ...executor, name: executor.name, inputs: (cell: string) => executor.inputs(cell), run };
  const engine: Engine = { ...(await tinyEngine(watched)), hidden };
  const listened = await listen(engine, [SAMPLES], { goesOn: false });
  return { ...listened, engine, read: seen.read, decoder: seen.decodeStep };
}

describe('an engine from which summaries are hidden', () => {
  const window = 9; // at the most, between two merges

  test('shows the window alone to the read, to the decoder, or to both', async () => {
    const asIs = await heard();
    expect(asIs.read).toBeGreaterThan(window);
    expect(asIs.decoder).toBeGreaterThan(window);
    const read = await heard('read');
    expect(read.read).toBe(window);
    const decoder = await heard('decoder');
    expect(decoder.read).toBe(asIs.read);
    expect(decoder.decoder).toBeGreaterThan(0);
    expect(decoder.decoder).toBeLessThanOrEqual(window);
    const both = await heard('both');
    expect(both.read).toBe(window);
    expect(both.decoder).toBeLessThanOrEqual(window);
  });

  test('saves what any engine of the model saves', async () => {
    const asIs = await heard();
    const decoder = await heard('decoder');
    expect(snapshotStream(decoder.engine, decoder.state)).toEqual(snapshotStream(asIs.engine, asIs.state));
  });
});
