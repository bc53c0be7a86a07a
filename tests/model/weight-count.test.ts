import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { AttentionConfig } from '../../src/attention/config.ts';
import { readCheckpoint, writeCheckpoint } from '../../src/model/checkpoint.ts';
import { modelConfigOfSpeech, tokenModel } from '../../src/model/config-migration.ts';
import type { SpeechConfig } from '../../src/model/speech-config.ts';
import { initRecognizer } from './first-weights.ts';
import { leastWeightCount } from '../../src/model/weight-count.ts';
import { initModel } from '../../src/model/forward.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { Random } from '../../src/tensor/random.ts';
import { EXAMPLE_CONFIG } from './example-config.ts';

function countOf(weights: HostArrays): number {
  return Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
}

/** Whether queries must be as deep as entries. */
function isCosine(attention: AttentionConfig): boolean {
  return attention.kind === 'global' && attention.score === 'cosine';
}

const size = fc.integer({ min: 1, max: 24 });

const anyConfig: fc.Arbitrary<SpeechConfig> = fc
  .record({
    encoder: fc.oneof(
      fc.record({
        kind: fc.constant('lstm' as const),
        frameStack: size,
        units: size,
        layers: fc.integer({ min: 1, max: 3 }),
      }),
      fc.record({
        kind: fc.constant('convolution' as const),
        frameStack: size,
        units: size,
        layers: fc.integer({ min: 1, max: 3 }),
        kernel: fc.integer({ min: 2, max: 5 }),
      }),
    ),
    slots: size,
    decoder: fc.record({
      order: fc.constantFrom('bahdanau' as const, 'luong' as const),
      cell: fc.constantFrom('gru' as const, 'lstm' as const),
      attention: fc.oneof(
        fc
          .constantFrom(
            'additive' as const,
            'location' as const,
            'general' as const,
            'concat' as const,
            'scaled-dot' as const,
            'cosine' as const,
            'network' as const,
          )
          .map((score) => ({ kind: 'global' as const, score })),
        fc.constant({ kind: 'monotonic' as const }),
        fc.constant({ kind: 'mocha' as const, score: 'general' as const, chunk: 2 }),
      ),
      inputFeeding: fc.boolean(),
      firstState: fc.constant('zeros' as const),
      units: size,
      attentionUnits: size,
      embedding: size,
      dropout: fc.constant(0),
    }),
  })
  .map(({ encoder, slots, decoder }) => ({
    ...EXAMPLE_CONFIG,
    encoder,
    decoder: isCosine(decoder.attention) ? { ...decoder, units: encoder.units } : decoder,
    memory: { ...EXAMPLE_CONFIG.memory, depth: encoder.units, heads: 1, slots },
  }));

test('no recogniser has fewer weights than its configuration needs at the least', () => {
  const property = fc.property(anyConfig, (config) => {
    expect(countOf(initRecognizer(config, Random.seeded(1)))).toBeGreaterThanOrEqual(
      leastWeightCount(modelConfigOfSpeech(config)),
    );
  });
  fc.assert(property);
});

test('no token model has fewer weights than its configuration needs at the least', () => {
  const property = fc.property(
    fc.record({ depth: size, slots: size, alphabetSize: size, labelCount: size }),
    (sizes) => {
      const { depth, slots, ...counts } = sizes;
      const memory = { ...EXAMPLE_CONFIG.memory, depth, heads: 1, slots };
      const config = tokenModel({ ...counts, memory });
      expect(countOf(initModel(config, Random.seeded(1)))).toBeGreaterThanOrEqual(leastWeightCount(config));
    },
  );
  fc.assert(property);
});

test('a configuration that asks for gigabytes is refused before they are made', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-sizes-'));
  try {
    await writeCheckpoint(folder, {
      config: EXAMPLE_CONFIG,
      weights: initRecognizer(EXAMPLE_CONFIG, Random.seeded(5)),
    });
    const file = path.join(folder, 'config.json');
    const json = await readFile(file, 'utf8');
    // Made whole, 8192 units of the decoder would take 2.4 GB and minutes.
    await writeFile(file, json.replace(/("decoder": \{[\s\S]*?"units": )\d+/, '$18192'));
    await expect(readCheckpoint(folder)).rejects.toMatchObject({
      code: 'model/tensor',
      message: expect.stringMatching(/^Expected at least \d+ weights by the sizes in `config.json`, got \d+$/),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
