import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { type ModelConfig, modelDepth, parseModelConfig } from '../../src/model/config.ts';
import { speechConfigOf } from '../../src/model/config-migration.ts';
import { parseSpeechConfig } from '../../src/model/speech-config.ts';
import { EXAMPLE_CONFIG } from './example-config.ts';
import { SEQUENCE_CONFIG } from './sequence-config.ts';

const OLD = path.join(import.meta.dirname, 'old-names');

/** Configurations as JSON has them, changed by `change`. */
function changed(given: ModelConfig, change: Readonly<Record<string, unknown>>): unknown {
  return { ...(JSON.parse(JSON.stringify(given)) as object), ...change };
}

const SPEECH = parseModelConfig(EXAMPLE_CONFIG);
const DECODER = SEQUENCE_CONFIG.heads.decoder!;
const TREE = { depth: 8, heads: 2, window: 4, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: true };

describe('version 2', () => {
  test.each([SEQUENCE_CONFIG, SPEECH])('is read as it is written, also after a journey through JSON', (config) => {
    expect(parseModelConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  test.each<[ModelConfig, Readonly<Record<string, unknown>>, string]>([
    [
      SEQUENCE_CONFIG,
      { encoder: { kind: 'tcn' } },
      'Expected `encoder.kind` to be one of none, pair, lstm, gru, rnn, delta, convolution, dilated, self-attention, surprise, stacked, grid, got "tcn"',
    ],
    [
      SEQUENCE_CONFIG,
      {
        encoder: {
          kind: 'stacked',
          below: { kind: 'gru', units: 8, layers: 1, direction: 'both' },
          above: { kind: 'pair', units: 8 },
        },
      },
      'Expected `encoder` to be causal: one encoder hears what another one makes as it comes',
    ],
    [
      SEQUENCE_CONFIG,
      {
        encoder: {
          kind: 'stacked',
          below: { kind: 'delta', units: 8, layers: 1, heads: 3, keyDepth: 4 },
          above: { kind: 'pair', units: 8 },
        },
      },
      'Expected `encoder.below.heads` to be a divisor of `encoder.below.units`, 8, got 3',
    ],
    [SEQUENCE_CONFIG, { heads: {} }, 'Expected `heads` to be one head or more: a model without any says nothing'],
    [
      SEQUENCE_CONFIG,
      { heads: { ...SEQUENCE_CONFIG.heads, phones: { symbols: ['a'] } } },
      'Expected `heads.phones` to be absent: the source is tokens; phones are heard',
    ],
    [SEQUENCE_CONFIG, { decoding: {} }, 'Expected `decoding` to be absent: the source is tokens; it is for audio'],
    [
      SEQUENCE_CONFIG,
      { heads: { decoder: { ...DECODER, symbols: undefined } } },
      'Expected `heads.decoder.symbols` to be an object, got nothing',
    ],
    [
      SEQUENCE_CONFIG,
      { encoder: { kind: 'lstm', units: 7, layers: 1, direction: 'both' } },
      'Expected `encoder.units` to be an even number, got 7: half of them run each way',
    ],
    [
      SEQUENCE_CONFIG,
      { encoder: { kind: 'self-attention', units: 8, layers: 1, heads: 3, direction: 'both' } },
      'Expected `encoder.heads` to be a divisor of `encoder.units`, 8, got 3',
    ],
    [
      SEQUENCE_CONFIG,
      { encoder: { kind: 'delta', units: 8, layers: 1, heads: 3, keyDepth: 4 } },
      'Expected `encoder.heads` to be a divisor of `encoder.units`, 8, got 3',
    ],
    [
      SEQUENCE_CONFIG,
      { encoder: { kind: 'self-attention', units: 8, layers: 1, heads: 2 } },
      'Expected `encoder.window` to be an integer: a causal encoder streams, and keeps no more than its window',
    ],
    [
      SEQUENCE_CONFIG,
      { memory: { kind: 'last' }, heads: { decoder: { ...DECODER, attention: { kind: 'monotonic' } } } },
      'Expected `heads.decoder.attention.kind` to be global, got "monotonic": a memory of one vector has no places',
    ],
    [
      SEQUENCE_CONFIG,
      {
        memory: { ...TREE, kind: 'hierarchical', summary: 'mean' },
        heads: { decoder: { ...DECODER, attention: { kind: 'local-p', score: 'dot', reach: 2 } } },
      },
      'Expected `heads.decoder.attention.kind` to be global or one that stops, got "local-p": entries of a hierarchical memory stand for spans of unlike length, which have no place',
    ],
    [
      SEQUENCE_CONFIG,
      { heads: { decoder: { ...DECODER, order: 'bahdanau' } } },
      "Expected `heads.decoder.inputFeeding` to be false, got true: a step of Bahdanau's order takes in its context itself",
    ],
    [
      SEQUENCE_CONFIG,
      { heads: { answers: { labelCount: 3 } } },
      'Expected `memory.heads` to be an integer: `heads.answers` reads in the memory',
    ],
    [
      SEQUENCE_CONFIG,
      { memory: { ...TREE, kind: 'hierarchical', summary: 'mean', depth: 6 } },
      'Expected `memory.depth` to be the depth of an encoded vector, 8, got 6',
    ],
    [
      SPEECH,
      { encoder: { kind: 'pair', units: 16 } },
      'Expected `encoder.kind` to be another: `pair` takes embeddings, and the source is audio',
    ],
    [SPEECH, { vocabulary: undefined }, 'Expected `vocabulary` to be an object, got nothing'],
    [SPEECH, { version: 3 }, 'Expected `version` of the model to be 1 or 2, got 3'],
  ])('refuses what makes no sense, with the reason: %# %j', (config, change, message) => {
    expect(() => parseModelConfig(changed(config, change))).toThrow(expect.objectContaining({ message }));
  });

  test('the depth of vectors is that of the encoder, or of the embeddings where there is none', () => {
    expect(modelDepth(SEQUENCE_CONFIG)).toBe(8);
    expect(modelDepth({ ...SEQUENCE_CONFIG, encoder: { kind: 'none' } })).toBe(6);
    expect(modelDepth(SPEECH)).toBe(16);
  });
});

describe('a recogniser of version 1', () => {
  test('is read as a model of parts, and gives version 1 back field by field', () => {
    expect(SPEECH).toMatchObject({
      version: 2,
      source: { kind: 'audio', frameStack: 4 },
      encoder: { kind: 'lstm', units: 16, layers: 2 },
      memory: { kind: 'hierarchical', summary: 'attention' },
      heads: {
        ctc: {},
        decoder: { attention: { kind: 'global', score: 'location' }, cell: 'gru', firstState: 'zeros' },
      },
    });
    expect(JSON.stringify(speechConfigOf(SPEECH))).toBe(JSON.stringify(parseSpeechConfig(EXAMPLE_CONFIG)));
  });

  test('that has the old names of fields is read, too', async () => {
    const given: unknown = JSON.parse(await readFile(path.join(OLD, 'speech', 'config.json'), 'utf8'));
    expect(parseModelConfig(given).source).toHaveProperty('frameStack');
    expect(speechConfigOf(parseModelConfig(given))).toEqual(parseSpeechConfig(given));
  });

  test('what is no recogniser of speech is not taken for one', () => {
    expect(() => speechConfigOf(SEQUENCE_CONFIG)).toThrow(
      'Expected `source.kind` of a recogniser of speech to be audio',
    );
    expect(() => speechConfigOf({ ...SPEECH, heads: { ...SPEECH.heads, phones: { symbols: ['a'] } } })).toThrow(
      'got lstm, hierarchical, ctc and decoder and phones',
    );
    expect(() => speechConfigOf({ ...SPEECH, heads: { ctc: {} } })).toThrow(
      'Expected `heads.decoder` of a recogniser of speech to be an object',
    );
  });
});

test('a token model of before is a model of ids, pairs, a hierarchical memory and answers', async () => {
  const given: unknown = JSON.parse(await readFile(path.join(OLD, 'tokens', 'config.json'), 'utf8'));
  expect(parseModelConfig(given)).toMatchObject({
    source: { kind: 'tokens', symbols: { unit: 'id' }, embedding: 4 },
    encoder: { kind: 'pair', units: 4 },
    memory: { kind: 'hierarchical', depth: 4, tokenCountBias: true, summary: 'attention' },
    heads: { answers: {} },
  });
});
