/** Phrases of any words, heard by phones: a tiny model of random weights, which hears something in tones. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { ctcScores } from '../../src/ctc/score.ts';
import { logSum } from '../../src/ctc/log-probabilities.ts';
import { traceCell } from '../../src/export/trace-cell.ts';
import { type PhraseForm, phraseGrammar } from '../../src/grammar/phone-grammar.ts';
import { cellsOf } from '../../src/model/cells.ts';
import { parseModelConfig } from '../../src/model/config.ts';
import { modelConfigOfSpeech, recognizerConfigOf } from '../../src/model/config-migration.ts';
import { initModel } from '../../src/model/forward.ts';
import { advance } from '../../src/recognizer/advance.ts';
import { createEngine, type Engine } from '../../src/recognizer/engine.ts';
import type { FinalEvent } from '../../src/recognizer/events.ts';
import { createModel } from '../../src/recognizer/model.ts';
import {
  restoreStream,
  snapshotStream,
  startEncoding,
  startStream,
  type StreamState,
  withNextGrammar,
} from '../../src/recognizer/state.ts';
import { type EncodedChunk, encodeChunks, frameChunk } from '../../src/recognizer/encode.ts';
import { heardRows } from '../../src/recognizer/heard.ts';
import { Random } from '../../src/tensor/random.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import { listen, settled, stateDifference } from './listen.ts';
import { TINY_CONFIG, tones } from './tiny-engine.ts';

const PHONES = ['a', 'b', 'd', 'i', 'k', 's', 't', 'u'];
const FORM: PhraseForm = {
  phrases: ['Kid Tab', 'bad', 'tick tick', 'suit', 'Dusk bit'],
  lexicon: {
    kid: [['k', 'i', 'd']],
    tab: [['t', 'a', 'b']],
    bad: [['b', 'a', 'd']],
    tick: [
      ['t', 'i', 'k'],
      ['d', 'i', 'k'],
    ],
    suit: [
      ['s', 'u', 't'],
      ['s', 'i', 'u', 't'],
    ],
    dusk: [['d', 'u', 's', 'k']],
    bit: [['b', 'i', 't']],
  },
};

let engine: Engine;
beforeAll(async () => {
  await tf.setBackend('cpu');
  const whole = modelConfigOfSpeech(TINY_CONFIG);
  const config = parseModelConfig({ ...whole, heads: { ...whole.heads, phones: { symbols: PHONES } } });
  const weights = initModel(config, Random.seeded(10));
  const scales = { head: 120, phones: 12 };
  for (const [head, scale] of Object.entries(scales)) {
    const { shape, data } = weights[`${head}.kernel`]!;
    weights[`${head}.kernel`] = { shape, data: Float32Array.from(data, (value) => scale * value) };
    weights[`${head}.bias`]!.data[0] = head === 'head' ? 4 : 1;
  }
  const graphs = new Map<string, Uint8Array>();
  for (const cell of cellsOf(config)) graphs.set(cell.name, await traceCell(cell, weights));
  const executor = await createOnnxExecutor(graphs);
  engine = await createEngine({ config: recognizerConfigOf(config), executor, fingerprint: 'phones' });
});
afterAll(() => engine.executor[Symbol.asyncDispose]());

function startPhrases(form: PhraseForm = FORM): StreamState {
  return startStream(engine, { grammar: phraseGrammar(engine.config.phones, form), decoder: 'joint' });
}

function isFinal(event: { readonly type: string }): event is FinalEvent {
  return event.type === 'final';
}

const AUDIO = tones(12, 3);

test('a stream hears phrases, with their words in order and within their utterance', async () => {
  const { events } = await listen(engine, [AUDIO], { from: startPhrases() });
  const finals = events.filter(isFinal);
  expect(finals.flatMap(({ words }) => words).length).toBeGreaterThan(2);
  const allowed = new RegExp(`^(${FORM.phrases.join('|')})( (${FORM.phrases.join('|')}))*$`);
  for (const { text, words, start, end, alternatives = [] } of finals.filter((each) => each.text !== '')) {
    expect(text).toMatch(allowed);
    expect(alternatives[0]).toMatchObject({ text, complete: true });
    for (const [index, word] of words.entries()) {
      expect(word.start).toBeGreaterThanOrEqual(index === 0 ? start : words[index - 1]!.end - 1e-9);
      expect(word.end).toBeGreaterThan(word.start);
      expect(word.end).toBeLessThanOrEqual(end + 1e-9);
      expect(word.confidence).toBeGreaterThan(0);
      expect(word.confidence).toBeLessThanOrEqual(1);
    }
  }
});

test('an utterance that must be one phrase is the likeliest of all, by the sum over its ways to be said', async () => {
  const grammar = phraseGrammar(PHONES, { ...FORM, phraseCost: 1000 });
  const ids = (phones: readonly string[]): number[] => phones.map((phone) => PHONES.indexOf(phone) + 1);
  const waysOf = (phrase: string): number[][] =>
    phrase
      .toLowerCase()
      .split(' ')
      .map((word) => FORM.lexicon[word]!.map(ids))
      .reduce<number[][]>((before, ways) => before.flatMap((labels) => ways.map((way) => [...labels, ...way])), [[]]);
  const model = createModel(engine);
  let heard = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const samples = tones(1.6, seed);
    const framed = frameChunk(engine, startEncoding(engine), { samples, isLast: true });
    const [{ memory, audio }] = (await encodeChunks(engine, [framed])) as [EncodedChunk];
    const read = { outputs: memory.outputs, vectorCount: audio.logEnergies.length, grammar };
    const [data] = (await heardRows(engine, [read], undefined)) as [Float32Array];
    const rows = { width: PHONES.length + 1, data };
    const scored = FORM.phrases.map((phrase) => ({
      phrase,
      score: logSum(ctcScores(rows, waysOf(phrase))),
    }));
    const best = scored.toSorted((a, b) => b.score - a.score)[0]!;
    const { text } = await model.recognize(samples, { grammar: { ...FORM, phraseCost: 1000 } });
    expect(text).toBe(best.phrase);
    heard += Number(text !== '');
  }
  expect(heard).toBeGreaterThan(6);
});

test('chunks of any size give the same events, and a stream that is saved at any moment has the same future', async () => {
  const whole = await listen(engine, [AUDIO], { from: startPhrases() });
  const property = fc.asyncProperty(fc.integer({ min: 0, max: AUDIO.length }), async (at) => {
    const { state, events } = await listen(engine, [AUDIO.subarray(0, at)], { from: startPhrases(), goesOn: true });
    const restored = restoreStream(engine, snapshotStream(engine, state));
    const rest = await listen(engine, [AUDIO.subarray(at)], { from: restored });
    expect(settled([...events, ...rest.events])).toEqual(settled(whole.events));
    expect(stateDifference(rest.state, whole.state)).toBeLessThan(1e-4);
  });
  await fc.assert(property, { numRuns: 6 });
});

test('streams of phrases, of words and of codes in one batch hear what each hears alone', async () => {
  const words = startStream(engine, { grammar: resolveGrammar(engine.config.vocabulary), decoder: 'joint' });
  const states = [startPhrases(), words, startPhrases({ ...FORM, phrases: ['bad', 'suit'] }), startPhrases()];
  const chunks = states.map((_, index) => ({ samples: tones(5, 3 + index), isLast: true }));
  const together = await advance(engine, states, chunks);
  for (const [index, state] of states.entries()) {
    const alone = await advance(engine, [state], [chunks[index]!]);
    expect(settled(together.outputs[index]!.events)).toEqual(settled(alone.outputs[0]!.events));
  }
});

test('a model that hears its words alone refuses phrases, and a lexicon without a word, or with another phone, is refused', () => {
  expect(() => phraseGrammar(undefined, FORM)).toThrow(
    'Expected a model that hears phones where `phrases` may be said, got one that hears its words alone',
  );
  expect(() => phraseGrammar(PHONES, { phrases: ['kid', 'cat'], lexicon: FORM.lexicon })).toThrow(
    "Expected `lexicon` to say how 'cat' is said, got nothing",
  );
  expect(() => phraseGrammar(PHONES, { phrases: ['cat'], lexicon: { cat: [['k', 'æ', 't']] } })).toThrow(
    "Expected phones that the model hears (a b d i k s t u) in 'cat', got 'æ'",
  );
  expect(() => phraseGrammar(PHONES, { phrases: [], lexicon: {} })).toThrow('Expected `phrases` to hold at least one');
});

test('a stream of phrases may go on with other phrases, and not with words', async () => {
  const other = phraseGrammar(PHONES, { ...FORM, phrases: ['bad', 'suit'] });
  const { events } = await listen(engine, [AUDIO], { from: withNextGrammar(engine, startPhrases(), other) });
  const finals = events.filter(isFinal).filter(({ text }) => text !== '');
  expect(finals.length).toBeGreaterThan(0);
  for (const { text } of finals) expect(text).toMatch(/^(bad|suit)( (bad|suit))*$/);
  const words = resolveGrammar(engine.config.vocabulary);
  const refusal = expect.objectContaining({ code: 'grammar/other-symbols' });
  expect(() => withNextGrammar(engine, startPhrases(), words)).toThrow(refusal);
  const ofWords = startStream(engine, { grammar: words, decoder: 'joint' });
  expect(() => withNextGrammar(engine, ofWords, other)).toThrow(refusal);
});
