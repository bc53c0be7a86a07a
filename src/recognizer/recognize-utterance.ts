import { resample } from '../audio/resample.ts';
import { assertInteger } from '../errors.ts';
import type { MemoryState } from '../memory/state.ts';
import { createPrefixBeam } from '../ctc/prefix-beam.ts';
import type { Word } from '../text/word.ts';
import type { SpokenGrammar } from '../grammar/code-grammar.ts';
import { AttentionTrace } from './attention-trace.ts';
import { type EncodedChunk, encodeChunks, frameChunk } from './encode.ts';
import type { Engine } from './engine.ts';
import { heardBy, heardRows } from './heard.ts';
import { valueOf } from './search.ts';
import { type DecoderChoice, type RescoredUtterance, rescoreTogether } from './rescoring.ts';
import { finalEvent } from './events.ts';
import { startEncoding } from './state.ts';
import { beamSizeOf, type SearchedUtterance } from './utterance-search.ts';

export type RecognizeUtteranceOptions = {
  readonly grammar: SpokenGrammar;
  readonly sampleRate?: number | undefined;
  readonly decoder?: DecoderChoice | undefined;
  readonly maximumWords?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type Recognition = {
  /** The recognized words, separated by spaces. */ readonly text: string;
  readonly words: readonly Word[];
  /**
   * Attention of the decoder at each word: weights over the vectors of the recording and of the silence after it, which
   * sum to 1. Absent where the decoder was not run.
   */
  readonly alignment?: readonly Float32Array[];
};

/** Recognizes all of `samples` as one utterance. Throws `option/out-of-range` or `audio/non-finite-sample`. */
export async function recognizeUtterance(
  engine: Engine,
  samples: Float32Array,
  options: RecognizeUtteranceOptions,
): Promise<Recognition> {
  const { grammar, decoder = 'joint', maximumWords, signal } = options;
  if (maximumWords !== undefined) assertInteger('maximumWords', maximumWords, 1, Number.MAX_SAFE_INTEGER);
  const { sampleRate } = engine.config.features;
  const resampled = resample(samples, { inputRate: options.sampleRate ?? sampleRate, outputRate: sampleRate });
  const trace = new AttentionTrace(engine);
  const { utterance, memory } = await encodeWhole(engine, resampled, grammar, trace, signal);
  if (utterance.end === 0) return { text: '', words: [] };
  const ended = { utterance, memory, options: { decoder, grammar, maximumWords } };
  const [rescored] = (await rescoreTogether(engine, [ended], signal)).map(valueOf) as [RescoredUtterance]; // one for one
  const { text, words } = finalEvent(engine, { grammar, decoder }, utterance, rescored, resampled.length / sampleRate);
  const { attention } = rescored;
  if (attention === undefined) return { text, words };
  const alignment = words.map((_, label) => trace.decoderAt(utterance.end, attention, label));
  return { text, words, alignment };
}

/** Runs the model over a recording and searches it, without looking for utterances in it. */
async function encodeWhole(
  engine: Engine,
  samples: Float32Array,
  grammar: SpokenGrammar,
  trace: AttentionTrace,
  signal?: AbortSignal,
): Promise<{ utterance: SearchedUtterance; memory: MemoryState }> {
  const framed = frameChunk(engine, startEncoding(engine), { samples, isLast: true, trace });
  const [chunk] = (await encodeChunks(engine, [framed], signal)) as [EncodedChunk]; // one for one
  const { logEnergies } = chunk.audio;
  const { outputs, state } = chunk.memory;
  const end = logEnergies.length;
  const { config } = engine;
  const { labelCount, walk } = heardBy(config, grammar);
  const [data] = (await heardRows(engine, [{ outputs, vectorCount: end, grammar }], signal)) as [Float32Array]; // one for one
  const beam = createPrefixBeam({
    labelCount,
    allowed: grammar.allowed,
    walk,
    beamSize: beamSizeOf(config.decoding, walk),
  });
  const rows = { width: labelCount + 1, data };
  beam.push(rows);
  return {
    utterance: { start: 0, end, reason: 'end', rows, energies: logEnergies, hypotheses: beam.hypotheses() },
    memory: state,
  };
}
