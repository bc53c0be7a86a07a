import { afterAll, beforeAll, expect, test } from 'vitest';

import { DEFAULT_DECODING, type DecodingOptions } from '../../src/model/decoding.ts';
import { createEngine, type Engine } from '../../src/recognizer/engine.ts';
import { listen, settled } from './listen.ts';
import { onnxTiny, TINY_CONFIG, tinyEngine, tones } from './tiny-engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await tinyEngine(await onnxTiny());
});
afterAll(() => engine.executor[Symbol.asyncDispose]());

async function hear(decoding: DecodingOptions): Promise<unknown> {
  const model = { ...engine, config: { ...TINY_CONFIG, decoding } };
  const { events } = await listen(await createEngine(model), [tones(12)]);
  return settled(events);
}

const heard = new Map<DecodingOptions, Promise<unknown>>();
function heardBy(decoding: DecodingOptions): Promise<unknown> {
  const known = heard.get(decoding) ?? hear(decoding);
  heard.set(decoding, known);
  return known;
}

const { endpointing, wordTimes } = DEFAULT_DECODING;
const ATTENTION_ALONE: DecodingOptions = { ...DEFAULT_DECODING, ctcWeight: 0 };

test('streams of one decoding hear the same', async () => {
  expect(await hear(DEFAULT_DECODING)).toEqual(await heardBy(DEFAULT_DECODING));
});

test.each<[string, DecodingOptions]>([
  ['ctcBeamSize', { ...DEFAULT_DECODING, ctcBeamSize: 2 }],
  ['ctcCandidates', { ...DEFAULT_DECODING, ctcCandidates: 1 }],
  ['ctcWeight', { ...DEFAULT_DECODING, ctcWeight: 0.1 }],
  ['attentionBeamSize', { ...ATTENTION_ALONE, attentionBeamSize: 1 }],
  ['lengthExponent', { ...DEFAULT_DECODING, lengthExponent: 2 }],
  ['pauseMs', { ...DEFAULT_DECODING, endpointing: { ...endpointing, pauseMs: 300 } }],
  ['blankThreshold', { ...DEFAULT_DECODING, endpointing: { ...endpointing, blankThreshold: 0.01 } }],
  ['onsetMs', { ...DEFAULT_DECODING, endpointing: { ...endpointing, onsetMs: 1_000 } }],
  ['preRollMs', { ...DEFAULT_DECODING, endpointing: { ...endpointing, preRollMs: 0 } }],
  ['latestLabelMs', { ...DEFAULT_DECODING, endpointing: { ...endpointing, latestLabelMs: 0 } }],
  ['longUtteranceMs', { ...DEFAULT_DECODING, endpointing: { ...endpointing, longUtteranceMs: 1_000 } }],
  ['longestUtteranceMs', { ...DEFAULT_DECODING, endpointing: { ...endpointing, longestUtteranceMs: 1_000 } }],
  ['closingSilenceMs', { ...DEFAULT_DECODING, endpointing: { ...endpointing, closingSilenceMs: 0 } }],
  ['loudMargin', { ...DEFAULT_DECODING, endpointing: { ...endpointing, loudMargin: 10 } }],
  ['quietestBackground', { ...DEFAULT_DECODING, endpointing: { ...endpointing, quietestBackground: 0 } }],
  ['longestBeforeSeconds', { ...DEFAULT_DECODING, wordTimes: { ...wordTimes, longestBeforeSeconds: 0.1 } }],
  ['longestAfterSeconds', { ...DEFAULT_DECODING, wordTimes: { ...wordTimes, longestAfterSeconds: 0 } }],
  ['typicalLengthSeconds', { ...DEFAULT_DECODING, wordTimes: { ...wordTimes, typicalLengthSeconds: 5 } }],
  ['lengthDeviation', { ...DEFAULT_DECODING, wordTimes: { ...wordTimes, lengthDeviation: 0.02 } }],
  ['emissionDeviationSeconds', { ...DEFAULT_DECODING, wordTimes: { ...wordTimes, emissionDeviationSeconds: 0.002 } }],
])('what a stream hears depends on the %s of its model', async (name, decoding) => {
  const usual = name === 'attentionBeamSize' ? ATTENTION_ALONE : DEFAULT_DECODING;
  expect(await heardBy(decoding)).not.toEqual(await heardBy(usual));
});
