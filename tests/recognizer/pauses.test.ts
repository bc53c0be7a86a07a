import { afterAll, beforeAll, expect, test } from 'vitest';

import { advance } from '../../src/recognizer/advance.ts';
import type { Engine } from '../../src/recognizer/engine.ts';
import { loadEngine } from '../../src/recognizer/load-engine.ts';
import { startStream } from '../../src/recognizer/state.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import { samplesOf } from '../server/recordings.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine('codes-en', 'cpu');
});
afterAll(() => engine.executor[Symbol.asyncDispose]());

/** For each utterance the milliseconds from the end of its last word to its endpoint. */
async function silencesAfterWords(samples: Float32Array, pauseMs: number): Promise<number[]> {
  const grammar = resolveGrammar(engine.config.vocabulary);
  const state = startStream(engine, { grammar, decoder: 'joint', endpointing: { pauseMs, blankThreshold: 0.5 } });
  const { outputs } = await advance(engine, [state], [{ samples, isLast: true }]);
  let endpoint = 0;
  return (outputs[0]?.events ?? []).flatMap((event) => {
    if (event.type === 'endpoint') endpoint = event.time;
    const lastWord = event.type === 'final' ? event.words.at(-1) : undefined;
    return lastWord ? [1000 * (endpoint - lastWord.end)] : [];
  });
}

test.each(['two-numbers', 'order-code', 'phone-number', 'pin'])(
  'an utterance of %s ends the chosen pause after the end of its last word, to two vectors',
  async (name) => {
    const samples = concatenate([await samplesOf(name, 16_000), new Float32Array(3 * 16_000)]);
    for (const pauseMs of [300, 500, 700, 1500]) {
      const silences = await silencesAfterWords(samples, pauseMs);
      expect(silences.length).toBeGreaterThan(0);
      for (const silence of silences) expect(Math.abs(silence - pauseMs), `${pauseMs} ms`).toBeLessThanOrEqual(80);
    }
  },
);
