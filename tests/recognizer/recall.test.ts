import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { traceCell } from '../../src/export/trace-cell.ts';
import { cellsOf } from '../../src/model/cells.ts';
import { heldEntries } from '../../src/memory/state.ts';
import { parseModelConfig } from '../../src/model/config.ts';
import { modelConfigOfSpeech } from '../../src/model/config-migration.ts';
import { searchBeam } from '../../src/decoder/beam-search.ts';
import { decoderSteps, prepareDecoder, sharePrefixes } from '../../src/decoder/decoder-batch.ts';
import { advance } from '../../src/recognizer/advance.ts';
import { createEngine, type Engine } from '../../src/recognizer/engine.ts';
import type { FinalEvent } from '../../src/recognizer/events.ts';
import { recognizeUtterance } from '../../src/recognizer/recognize-utterance.ts';
import type { DecoderChoice } from '../../src/recognizer/rescoring.ts';
import { startStream, type StreamState } from '../../src/recognizer/state.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import { TINY_CONFIG, tinyEngine, tinyWeights, tones } from './tiny-engine.ts';

/** In which two utterances are one word, the same. */
const SAMPLES = tones(30, 3);

function isFinal(event: { readonly type: string }): event is FinalEvent {
  return event.type === 'final';
}

/** Finals of `SAMPLES`, and the state behind them. */
async function finalsOf(engine: Engine, decoder: DecoderChoice): Promise<{ finals: FinalEvent[]; state: StreamState }> {
  const state = startStream(engine, { grammar: resolveGrammar(engine.config.vocabulary), decoder });
  const { states, outputs } = await advance(engine, [state], [{ samples: SAMPLES, isLast: true }]);
  return { finals: outputs[0]!.events.filter(isFinal), state: states[0]! };
}

describe('a model with a word that asks for what the memory holds', () => {
  let plain: Engine;
  let recalling: Engine;
  let question: string;
  /** What is written where `question` is said. */ let asking: string;
  let spelled: FinalEvent[];

  beforeAll(async () => {
    await tf.setBackend('cpu');
    const weights = tinyWeights();
    const { shape, data } = weights['decoder.output.kernel']!;
    // Sure of each label, it does not end at once.
    const kernel = { shape, data: Float32Array.from(data, (value) => 60 * value) };
    const graphs = new Map<string, Uint8Array>();
    for (const cell of cellsOf(TINY_CONFIG)) {
      graphs.set(cell.name, await traceCell(cell, { ...weights, 'decoder.output.kernel': kernel }));
    }
    plain = await tinyEngine(await createOnnxExecutor(graphs));
    spelled = (await finalsOf(plain, 'ctc')).finals;
    const asked = spelled.find(({ words }) => words.length === 1);
    const { grammars, defaultGrammar } = TINY_CONFIG.vocabulary;
    ({ label: question, word: asking } = grammars[defaultGrammar]!.find((each) => each.word === asked?.text)!);
    const config = { ...plain.config, decoding: { ...plain.config.decoding, recall: question } };
    recalling = await createEngine({ config, executor: plain.executor, fingerprint: 'recalling' });
  });
  afterAll(() => plain.executor[Symbol.asyncDispose]());

  test('answers that word by its decoder, and has CTC write all else', async () => {
    const { finals } = await finalsOf(recalling, 'joint');
    expect(finals).toHaveLength(spelled.length);
    const isAsked = spelled.map(({ text }) => text === asking);
    expect(isAsked).toContain(true);
    const others = (all: readonly FinalEvent[]): string[] =>
      all.filter((_, index) => !isAsked[index]).map(({ text }) => text);
    expect(others(finals)).toEqual(others(spelled));
    expect(finals.map(({ text }) => text)).not.toEqual(spelled.map(({ text }) => text));
  });

  test('writes what the decoder holds likeliest of the whole stream', async () => {
    const lone = startStream(recalling, { grammar: resolveGrammar(recalling.config.vocabulary), decoder: 'joint' });
    // Ends right behind the first utterance that asks.
    const asked = spelled.find(({ words }) => words.length === 1)!;
    const samples = SAMPLES.subarray(0, Math.round(asked.end * 16_000));
    const { states, outputs } = await advance(recalling, [lone], [{ samples, isLast: true }]);
    const last = outputs[0]!.events.findLast(isFinal)!;
    const { config, executor } = recalling;
    const held = heldEntries(config.memory, states[0]!.memory);
    const [memory] = await prepareDecoder(executor, [{ entries: held.entries, bias: held.bias }]);
    const steps = decoderSteps(executor);
    const open = sharePrefixes(async (rows) => (await steps.run([{ memory: memory!, rows }]))[0]!);
    const { attentionBeamSize: beamSize, lengthExponent } = config.decoding;
    const labelCount = config.vocabulary.labels.length;
    const { allowed, words } = resolveGrammar(config.vocabulary);
    const [best] = await searchBeam(open(), { labelCount, maxLength: 64, allowed, beamSize, lengthExponent });
    steps.end();
    expect(last.text).toBe(best!.labels.map((label) => words.get(label)).join(' '));
  });

  test('gives its words times within the utterance that asked, in order, and confidences', async () => {
    const { finals } = await finalsOf(recalling, 'joint');
    for (const { start, end, words } of finals) {
      for (const [index, word] of words.entries()) {
        expect(word.start).toBeGreaterThanOrEqual(index === 0 ? start : words[index - 1]!.end - 1e-9);
        expect(word.end).toBeGreaterThan(word.start);
        expect(word.end).toBeLessThanOrEqual(end + 1e-9);
        expect(word.confidence).toBeGreaterThanOrEqual(0);
        expect(word.confidence).toBeLessThanOrEqual(1);
      }
    }
  });

  test('says of each of its words that it was given back, and of no other', async () => {
    const { finals } = await finalsOf(recalling, 'joint');
    const isAnswer = finals.map((_, index) => spelled[index]?.text === asking);
    for (const [index, { words }] of finals.entries()) {
      expect(words.map(({ recalled }) => recalled)).toEqual(words.map(() => (isAnswer[index] ? true : undefined)));
    }
    expect(isAnswer).toContain(true);
    expect(isAnswer).toContain(false);
  });

  test('writes the word itself where CTC alone is asked for', async () => {
    expect((await finalsOf(recalling, 'ctc')).finals).toEqual(spelled);
  });

  test('writes the word itself where the number of words is bounded, which an answer would not keep to', async () => {
    const samples = SAMPLES.subarray(0, 1_600); // so short that CTC hears one word
    const textOf = async (options: { readonly decoder?: DecoderChoice; readonly maximumWords?: number }) => {
      const grammar = resolveGrammar(plain.config.vocabulary);
      return (await recognizeUtterance(recalling, samples, { grammar, ...options })).text;
    };
    expect(await textOf({ decoder: 'ctc' })).toBe(asking);
    expect(await textOf({})).not.toBe(asking);
    for (const decoder of ['joint', 'attention'] as const) {
      for (const maximumWords of [1, 2, 64]) expect(await textOf({ decoder, maximumWords })).toBe(asking);
    }
  });
});

describe('a configuration with `decoding.recall`', () => {
  const config = modelConfigOfSpeech(TINY_CONFIG);
  const withRecall = (recall: string): unknown => ({ ...config, decoding: { ...TINY_CONFIG.decoding, recall } });

  test('keeps the label', () => {
    const [label] = TINY_CONFIG.vocabulary.labels;
    expect(parseModelConfig(withRecall(label!)).decoding?.recall).toBe(label);
  });

  test('is refused where that is no label', () => {
    expect(() => parseModelConfig(withRecall('what'))).toThrow('Expected `decoding.recall` to be a label, got "what"');
  });

  test('is refused of a model without a decoder', () => {
    const [label] = TINY_CONFIG.vocabulary.labels;
    const given = { ...config, heads: { ctc: {} }, decoding: { ...TINY_CONFIG.decoding, recall: label } };
    expect(() => parseModelConfig(given)).toThrow('Expected `decoding.recall` to be absent');
  });
});
