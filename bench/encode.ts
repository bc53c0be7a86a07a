/**
 * How much of this machine the engine uses: the encoder's share of what a plain matrix product reaches on the same
 * runtime, and seconds of work for a second of audio of the whole recogniser, beside pocketsphinx on the same audio.
 */
import { existsSync } from 'node:fs';

import { recogniseWithPocketsphinx } from '../corpora/pocketsphinx.ts';
import { OnnxGraph } from '../src/export/onnx-graph.ts';
import { readCheckpoint } from '../src/model/checkpoint.ts';
import { advance } from '../src/runtime/advance.ts';
import type { Engine } from '../src/runtime/engine.ts';
import type { Executor } from '../src/runtime/executor.ts';
import { loadEngine } from '../src/runtime/load-engine.ts';
import { createOnnxExecutor } from '../src/runtime/onnx-executor.ts';
import { startStream } from '../src/runtime/stream-state.ts';
import { zeroStates } from '../src/runtime/zero-states.ts';
import type { HostArrays } from '../src/tensor/host-array.ts';
import { Random } from '../src/tensor/random.ts';
import { resolveGrammar } from '../src/text/vocabulary.ts';
import { longRecording, SAMPLE_RATE, spokenStrings } from './long-recording.ts';

const MODEL = 'models/codes-en';
const STREAM_COUNTS = [1, 16];
const ROOFLINE_SIZE = 512;
const MINIMUM_MS = 1_500;
const CHUNK_SECONDS = 0.5;
const AUDIO_SECONDS = 30;
const PEER_PACKAGES = '.data/packages';

export default async function benchEncode(): Promise<{ rows: Record<string, unknown>[]; notes: string[] }> {
  const engine = await loadEngine(MODEL, 'cpu');
  await using executor = engine.executor;
  const roofline = await rooflineGigaflops();
  const flops = await encoderFlops();
  const audio = await recording();
  const rows: Record<string, unknown>[] = [];
  for (const streams of STREAM_COUNTS) {
    const gigaflops = await encoderGigaflops(engine, executor, streams, flops);
    const realTimeFactor = await workPerSecond(engine, audio, streams);
    const [share, streamsPerCore] = [gigaflops / roofline, 1 / realTimeFactor];
    rows.push({
      system: 'hearken',
      streams,
      encodeGigaflops: gigaflops,
      shareOfRoofline: share,
      realTimeFactor,
      streamsPerCore,
    });
  }
  const { row, note } = await peer(audio);
  if (row !== undefined) rows.push(row);
  return {
    rows,
    notes: [
      `roofline: ${roofline.toFixed(1)} GFLOP/s, [${ROOFLINE_SIZE}, ${ROOFLINE_SIZE}] x [${ROOFLINE_SIZE}, ${ROOFLINE_SIZE}] on onnxruntime, one thread`,
      `encoder: ${(flops / 1e6).toFixed(2)} MFLOP a vector; calls of ${CHUNK_SECONDS} s of audio`,
      'realTimeFactor: processor seconds of the whole recogniser for a second of audio of one stream',
      note,
    ],
  };
}

/** Runs `work` for a while and gives the shortest time of one run, in seconds. */
async function bestSeconds(work: () => Promise<unknown>): Promise<number> {
  await work();
  let best = Number.POSITIVE_INFINITY;
  for (const started = performance.now(); performance.now() - started < MINIMUM_MS; ) {
    const before = performance.now();
    await work();
    best = Math.min(best, (performance.now() - before) / 1_000);
  }
  return best;
}

async function rooflineGigaflops(): Promise<number> {
  const size = ROOFLINE_SIZE;
  const random = Random.seeded(1);
  const values = Float32Array.from({ length: size * size }, () => random.normal());
  const graph = new OnnxGraph();
  const matrix = graph.constant({ shape: [size, size], type: 'float32', values });
  const [value = ''] = graph.node('MatMul', ['x', matrix]);
  const port = { shape: ['B', size], type: 'float32' } as const;
  const bytes = graph.encode('product', [{ ...port, name: 'x' }], [{ ...port, name: 'y', value }]);
  await using executor = await createOnnxExecutor(new Map([['product', bytes]]));
  const seconds = await bestSeconds(() => executor.run('product', { x: { shape: [size, size], data: values } }));
  return (2 * size ** 3) / seconds / 1e9;
}

/** Multiplications and additions of the matrix products that one vector costs in `encode`. */
async function encoderFlops(): Promise<number> {
  const { weights } = await readCheckpoint(MODEL);
  const matrices = Object.entries(weights).filter(
    ([name, { shape }]) => shape.length === 2 && /^(encoder\.|memory\.read\.(key|value)$)/.test(name),
  );
  return matrices.reduce((sum, [, { data }]) => sum + 2 * data.length, 0);
}

async function encoderGigaflops(engine: Engine, executor: Executor, streams: number, flops: number): Promise<number> {
  const vectors = Math.round(CHUNK_SECONDS / engine.secondsPerVector);
  const { frameDepth } = engine.sizes;
  const random = Random.seeded(2);
  const data = Float32Array.from({ length: streams * vectors * frameDepth }, () => random.normal());
  const frames = { shape: [streams, vectors, frameDepth], data };
  const inputs: HostArrays = { frames, ...zeroStates(await executor.inputs('encode'), { B: streams }) };
  const seconds = await bestSeconds(() => executor.run('encode', inputs));
  return (flops * streams * vectors) / seconds / 1e9;
}

async function recording(): Promise<Float32Array> {
  const [audio] = longRecording(await spokenStrings(), { seconds: AUDIO_SECONDS, chunkSeconds: AUDIO_SECONDS });
  return audio ?? new Float32Array(0);
}

/** Processor seconds for a second of audio of one of `streams` streams that advance together. */
async function workPerSecond(engine: Engine, audio: Float32Array, streams: number): Promise<number> {
  const grammar = resolveGrammar(engine.config.vocabulary);
  const length = CHUNK_SECONDS * SAMPLE_RATE;
  let states = Array.from({ length: streams }, () => startStream(engine, { grammar, decoder: 'joint' }));
  const before = process.cpuUsage();
  for (let start = 0; start < audio.length; start += length) {
    // Each stream is elsewhere in the recording, so that not all have the same to do at once.
    const chunks = states.map((_, stream) => {
      const from = (start + 7 * stream * length) % audio.length;
      return { samples: audio.subarray(from, from + length), isLast: start + length >= audio.length };
    });
    states = [...(await advance(engine, states, chunks)).states];
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / (streams * AUDIO_SECONDS);
}

async function peer(audio: Float32Array): Promise<{ row?: Record<string, unknown>; note: string }> {
  if (!existsSync(PEER_PACKAGES))
    return { note: 'pocketsphinx: skipped, npm run data:speech fetches its digits model' };
  const items = [{ kind: 'connected', speaker: 'bench', labels: [], samples: audio } as const];
  const options = { packagesDir: PEER_PACKAGES, wordPenalty: 0.01, isSingleWord: false };
  try {
    const started = performance.now();
    await recogniseWithPocketsphinx(items, options);
    const realTimeFactor = (performance.now() - started) / 1_000 / AUDIO_SECONDS;
    const row = { system: 'pocketsphinx tidigits', streams: 1, realTimeFactor, streamsPerCore: 1 / realTimeFactor };
    return {
      row,
      note: 'pocketsphinx: a grammar of eleven digits; its time is by the clock, loading its model included',
    };
  } catch (error) {
    return { note: `pocketsphinx: skipped, ${error instanceof Error ? error.message : String(error)}` };
  }
}
