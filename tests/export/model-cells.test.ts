import '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { exportCell } from '../../src/export/export-cell.ts';
import { cellsOf } from '../../src/model/cells.ts';
import type { SpeechConfig } from '../../src/model/speech-config.ts';
import { initRecognizer } from '../model/first-weights.ts';
import { loadBackend } from '../../src/backend/backends.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';
import { EXAMPLE_CONFIG } from '../model/example-config.ts';

const VARIANTS: Record<string, Partial<SpeechConfig>> = {
  'recurrent encoder, Bahdanau decoder with location features': {},
  'convolutional encoder, Luong decoder': {
    encoder: { kind: 'convolution', frameStack: 2, units: 16, layers: 2, kernel: 3 },
    memory: { depth: 16, heads: 2, window: 16, leafFanIn: 4, fanIn: 2, slots: 3, tokenCountBias: true },
    decoder: {
      ...EXAMPLE_CONFIG.decoder,
      order: 'luong',
      inputFeeding: true,
      attention: { kind: 'global', score: 'general' },
    },
  },
};

beforeAll(() => loadBackend('cpu'));

/** Weights as after training: none at the zero or identity that it started from. */
function trainedWeights(config: SpeechConfig): HostArrays {
  const random = Random.seeded(3);
  const first = initRecognizer(config, random);
  return Object.fromEntries(Object.entries(first).map(([name, { shape }]) => [name, normalArray(random, shape, 0.3)]));
}

describe.each(Object.entries(VARIANTS))('cells of a model: %s', (_, variant) => {
  const config: SpeechConfig = { ...EXAMPLE_CONFIG, ...variant };
  const weights = trainedWeights(config);

  test.each(cellsOf(config).map((cell) => [cell.name, cell] as const))(
    '%s computes in onnxruntime what it computes in tfjs, at every size',
    async (_name, cell) => {
      const { worstDifference } = await exportCell(cell, weights);
      expect(worstDifference).toBeLessThan(1e-4);
    },
  );
});

test.each(['additive', 'location', 'dot', 'general', 'concat', 'scaled-dot', 'cosine', 'network'] as const)(
  'the decoder exports with either order and %s scores',
  async (score) => {
    const attention = { kind: 'global', score } as const;
    for (const order of ['bahdanau', 'luong'] as const) {
      const config = {
        ...EXAMPLE_CONFIG,
        decoder: { ...EXAMPLE_CONFIG.decoder, order, attention, inputFeeding: order === 'luong' },
      };
      const weights = trainedWeights(config);
      const cells = cellsOf(config).filter(({ name }) => name.startsWith('decode'));
      expect(cells).toHaveLength(2);
      for (const cell of cells) expect((await exportCell(cell, weights)).worstDifference).toBeLessThan(1e-4);
    }
  },
);

test.each(['gru', 'lstm'] as const)('the decoder exports with a %s, fed and unfed', async (cell) => {
  for (const inputFeeding of [true, false]) {
    const decoder = { ...EXAMPLE_CONFIG.decoder, order: 'luong', cell, inputFeeding } as const;
    const config: SpeechConfig = { ...EXAMPLE_CONFIG, decoder };
    const step = cellsOf(config).find(({ name }) => name === 'decodeStep')!;
    expect(Object.keys(step.inputs).includes('state.cell')).toBe(cell === 'lstm');
    expect((await exportCell(step, trainedWeights(config))).worstDifference).toBeLessThan(1e-4);
  }
});

// tfjs has a form of the recurrence for each of these; the graph must agree with all.
test.for(['wasm', 'tensorflow'] as const)(
  'the recurrent encoder agrees with tfjs on %s too',
  async (backend, context) => {
    await loadBackend(backend).catch((error: unknown) => context.skip(String(error)));
    const encode = cellsOf(EXAMPLE_CONFIG).filter(({ name }) => name === 'encode');
    expect(encode).toHaveLength(1);
    for (const cell of encode) {
      expect((await exportCell(cell, trainedWeights(EXAMPLE_CONFIG))).worstDifference).toBeLessThan(1e-4);
    }
  },
);
