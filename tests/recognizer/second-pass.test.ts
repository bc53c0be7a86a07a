import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { advance } from '../../src/recognizer/advance.ts';
import type { Engine } from '../../src/recognizer/engine.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { listen, settled } from './listen.ts';
import { onnxTiny, openStream, tinyEngine, tones } from './tiny-engine.ts';

type Calls = Record<string, number>;

/** `engine`, and the calls of each cell since it was made. */
function counted(engine: Engine): { engine: Engine; calls: Calls } {
  const calls: Calls = {};
  const { executor } = engine;
  const run = (cell: string, inputs: HostArrays): Promise<HostArrays> => {
    calls[cell] = (calls[cell] ?? 0) + 1;
    return executor.run(cell, inputs);
  };
  const counting = { ...executor, name: executor.name, inputs: (cell: string) => executor.inputs(cell), run };
  return { engine: { ...engine, executor: counting }, calls };
}

describe('the second pass', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await tinyEngine(await onnxTiny());
  });
  afterAll(() => engine.executor[Symbol.asyncDispose]());

  test('of eight streams that say the same makes the calls of one', async () => {
    const samples = tones(20);
    const callsOf = async (streams: number): Promise<{ calls: Calls; finals: number[] }> => {
      const { engine: counting, calls } = counted(engine);
      const states = Array.from({ length: streams }, () => openStream(engine));
      const { outputs } = await advance(
        counting,
        states,
        states.map(() => ({ samples, isLast: true })),
      );
      return { calls, finals: outputs.map(({ events }) => events.filter(({ type }) => type === 'final').length) };
    };
    const one = await callsOf(1);
    const eight = await callsOf(8);
    expect(one.finals[0]).toBeGreaterThan(1);
    expect(new Set(eight.finals)).toEqual(new Set(one.finals));
    expect(one.calls['decodePrepare']).toBe(1);
    for (const cell of ['encode', 'decodePrepare', 'decodeStep']) expect(eight.calls[cell]).toBe(one.calls[cell]);
  });

  test('of streams that end together makes at most the calls of the longest utterance, and settles each as alone', async () => {
    const audios = [tones(2, 1), tones(5, 2), tones(7, 3), tones(1, 4)];
    const alone = await Promise.all(
      audios.map(async (samples) => {
        const { engine: counting, calls } = counted(engine);
        return { calls, ...(await listen(counting, [samples])) };
      }),
    );
    const { engine: counting, calls } = counted(engine);
    const { outputs } = await advance(
      counting,
      audios.map(() => openStream(engine)),
      audios.map((samples) => ({ samples, isLast: true })),
    );
    expect(outputs.map(({ events }) => settled(events))).toEqual(alone.map(({ events }) => settled(events)));
    const steps = alone.map((one) => one.calls['decodeStep'] ?? 0);
    expect(calls['decodeStep']).toBeLessThan(steps.reduce((sum, count) => sum + count, 0));
    expect(calls['decodeStep']).toBeLessThanOrEqual(Math.max(...steps) + 1); // another beam may need one step more
  });

  test('makes no merge again for the memory at an utterance’s end', async () => {
    const { engine: counting, calls } = counted(engine);
    const advanced = await advance(counting, [openStream(engine)], [{ samples: tones(20), isLast: true }]);
    const endings = advanced.outputs[0]?.events.filter(({ type }) => type === 'endpoint').length ?? 0;
    expect(endings).toBeGreaterThan(2);
    expect(calls['summarizeLeaf']).toBe(1);
    expect(calls['encode']).toBe(1);
  });

  test('that fails for one stream’s utterance settles the others', async () => {
    const { executor } = engine;
    const broken: Engine = {
      ...engine,
      executor: {
        ...executor,
        name: executor.name,
        inputs: (cell) => executor.inputs(cell),
        run: (cell, inputs) => {
          const isBad = cell === 'decodeStep' && (inputs['token']?.shape[0] ?? 0) > 0 && hasMark(inputs);
          return isBad ? Promise.reject(new Error('marked')) : executor.run(cell, inputs);
        },
      },
    };
    const states = [openStream(engine), openStream(engine)];
    const chunks = [
      { samples: tones(3, 1), isLast: true },
      { samples: tones(5, 2), isLast: true },
    ];
    const mark = await longestEntries(engine, chunks[1]?.samples ?? new Float32Array(0));
    function hasMark(inputs: HostArrays): boolean {
      return (inputs['values']?.shape[1] ?? 0) === mark;
    }
    const { outputs } = await advance(broken, states, chunks);
    const whole = await listen(engine, [tones(3, 1)]);
    expect(outputs[1]).toMatchObject({ events: [], error: { message: 'marked' } });
    expect(outputs[0]?.error).toBeUndefined();
    expect(settled(outputs[0]?.events ?? [])).toEqual(settled(whole.events));
  });
});

/** The most entries that the decoder reads in any utterance of `samples`. */
async function longestEntries(engine: Engine, samples: Float32Array): Promise<number> {
  const { executor } = engine;
  let most = 0;
  const watching: Engine = {
    ...engine,
    executor: {
      ...executor,
      name: executor.name,
      inputs: (cell) => executor.inputs(cell),
      run: (cell, inputs) => {
        if (cell === 'decodeStep') most = Math.max(most, inputs['values']?.shape[1] ?? 0);
        return executor.run(cell, inputs);
      },
    },
  };
  await listen(watching, [samples]);
  return most;
}
