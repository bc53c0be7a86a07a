import { describe, expect, test } from 'vitest';

import { CMUDICT_FOLDER, hasCmudict, readCmudict } from '../../corpora/pronunciations/cmudict.ts';
import { CHANGES, type ComparedVariant, comparedConfig, G2P_CONFIG } from '../../models/g2p-en/config.ts';
import { evaluateG2p } from '../../models/g2p-en/evaluation.ts';
import { type ModelConfig, parseModelConfig } from '../../src/model/config.ts';
import { initModel } from '../../src/model/forward.ts';
import { Random } from '../../src/tensor/random.ts';

const VARIANTS = Object.keys(CHANGES) as ComparedVariant[]; // the record has exactly its keys

function weightCount(config: ModelConfig): number {
  const arrays = Object.values(initModel(config, Random.seeded(1)));
  return arrays.reduce((sum, { data }) => sum + data.length, 0);
}

test('g2p-en is a model of at most five million parameters', () => {
  expect(parseModelConfig(G2P_CONFIG)).toEqual(G2P_CONFIG);
  expect(weightCount(G2P_CONFIG)).toBeLessThanOrEqual(5_000_000);
});

describe.each(VARIANTS)('the compared model %s', (variant) => {
  test('is a model of at most a million parameters that goes by its own name', () => {
    const config = comparedConfig(variant);
    expect(parseModelConfig(config)).toEqual(config);
    expect(config.name).toBe(`g2p-en-${variant}`);
    expect(weightCount(config)).toBeLessThanOrEqual(1_000_000);
  });
});

const isThere = await hasCmudict();
describe.skipIf(!isThere)(`the evaluation${isThere ? '' : ` (skipped without ${CMUDICT_FOLDER})`}`, () => {
  test('scores what is written of the words for choices, and tells of every peer what it says or why it says nothing', async () => {
    const truth = new Map(
      (await readCmudict()).map(({ word, pronunciations }) => [word, pronunciations[0]?.join(' ')]),
    );
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere'; // peers take minutes of a machine
    try {
      let wrong = 0;
      const writeAllButFew = async (words: readonly string[]): Promise<string[]> =>
        words.map((word, index) => {
          if (index % 100 === 0) wrong++;
          return index % 100 === 0 ? 'ZH' : (truth.get(word) ?? '');
        });
      const { wer, words, part, peers } = await evaluateG2p(writeAllButFew, 'dev');
      expect({ part, words, wer }).toEqual({ part: 'dev', words: 6_302, wer: wrong / 6_302 });
      expect(Object.keys(peers)).toEqual(['espeak-ng', 'flite', 'festival']);
      expect(peers['espeak-ng']).toHaveProperty('missing', expect.stringContaining('apt-get install espeak-ng'));
    } finally {
      process.env['PATH'] = path;
    }
  }, 120_000);
});
