/**
 * What a second of audio costs in processor time, stage by stage, for streams alone and in batches; beside it pocketsphinx (Debian packages pocketsphinx and
 * pocketsphinx-testdata) on the same audio; and how much of what onnxruntime can multiply the encoder uses. One core.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { readAudio } from '../src/audio/read-audio.ts';
import { OnnxGraph } from '../src/export/onnx-graph.ts';
import { loadModel, type Model } from '../src/index.ts';
import type { Engine } from '../src/recognizer/engine.ts';
import { loadEngine } from '../src/recognizer/load-engine.ts';
import { createOnnxExecutor } from '../src/cell/onnx-executor.ts';
import { stackRows } from '../src/cell/rows.ts';
import type { HostArrays } from '../src/tensor/host-array.ts';
import { decodeSafetensors } from '../src/tensor/safetensors.ts';
import { measureStages, type StageRow } from './stage-times.ts';

const MODEL = 'models/codes-en';
const DIGITS = ['samples/phone-number.wav', 'samples/pin.wav'];
const BASELINE_MODEL = '/usr/share/pocketsphinx/test/data/tidigits';
const RATE = 16_000;
const ROUNDS = 5;
/** One side of the square matrices of the roofline. */
const SIDE = 1024;
/** Vectors a stream has in one call: a second of audio. */
const VECTORS = 25;
const STREAMS = [1, 16];
const SPEECH_SECONDS = 60;
/** Streams that advance together. */
const BATCHES = [1, 4, 16, 64];
/** The least seconds of audio of a row, of all its streams together. */
const MEASURED_SECONDS = 240;

type Row = Record<string, unknown>;

export default async function benchEncode(): Promise<{ rows: Row[]; notes: string[]; figures: Row }> {
  const speech = await repeated(DIGITS, SPEECH_SECONDS);
  const engine = await loadEngine(MODEL, 'cpu');
  await using model = await loadModel(MODEL, { grammar: 'digits' });
  const stages = await stageRows(engine, speech);
  const { transcribe: own, peer } = await transcribers(model, speech);
  const encoder = await encodeRows(engine);
  await engine.executor[Symbol.asyncDispose]();
  return {
    rows: stages,
    figures: { transcribe: own, peer, encoder },
    notes: [
      `Milliseconds of processor time for a second of audio; live streams that bring half a second at a time.`,
      'The heap may grow by 64 MB before it is searched, as in the thread in which the server computes.',
      `transcribe ${JSON.stringify(own)}; pocketsphinx (its own count, without loading) ${JSON.stringify(peer)}`,
      ...encoder.map((row) => JSON.stringify(row)),
      `roofline: a product of two ${SIDE} x ${SIDE} matrices in onnxruntime, one thread; encode: ${VECTORS} vectors a stream and call.`,
    ],
  };
}

/** Speech without pauses, and the same with as much near silence after every ten seconds. */
async function stageRows(engine: Engine, speech: Float32Array): Promise<StageRow[]> {
  const audios = [
    { name: 'speech', samples: speech },
    { name: 'half-silence', samples: halfSilence(speech) },
  ];
  await measureStages(engine, { name: 'warm-up', samples: speech }, { streams: 8, seconds: 60 }); // compiles what is hot
  const rows: StageRow[] = [];
  for (const audio of audios) {
    for (const streams of BATCHES) {
      rows.push(await measureStages(engine, audio, { streams, seconds: Math.max(6, MEASURED_SECONDS / streams) }));
    }
  }
  return rows;
}

function halfSilence(speech: Float32Array): Float32Array {
  const part = 10 * RATE;
  const mixed = noise(2 * speech.length).map((value) => value / 1000);
  for (let start = 0; start < speech.length; start += part) mixed.set(speech.subarray(start, start + part), 2 * start);
  return mixed;
}

async function encodeRows({ executor, sizes, encoderStart, secondsPerVector }: Engine): Promise<Row[]> {
  await using product = await createOnnxExecutor(new Map([['product', productGraph()]]));
  const matrix = { shape: [SIDE, SIDE], data: new Float32Array(SIDE * SIDE).fill(0.5) };
  const works = [
    { streams: undefined, flops: 2 * SIDE ** 3, run: () => product.run('product', { x: matrix }) },
    ...(await Promise.all(
      STREAMS.map(async (streams) => {
        const frames = {
          shape: [streams, VECTORS, sizes.frameDepth],
          data: noise(streams * VECTORS * sizes.frameDepth),
        };
        const states: HostArrays = Object.fromEntries(
          Object.entries(encoderStart).map(([name, state]) => [
            name,
            stackRows(Array.from({ length: streams }, () => state)),
          ]),
        );
        const flops = streams * VECTORS * (await flopsOfVector());
        return { streams, flops, run: () => executor.run('encode', { frames, ...states }) };
      }),
    )),
  ];
  const best = await bestOfRounds(works.map(({ run }) => run));
  const speeds = works.map(({ flops }, index) => flops / (best[index] ?? 0) / 1e9);
  const [roofline = 0] = speeds;
  return works.map(({ streams }, index) => ({
    what: streams === undefined ? 'roofline' : 'encode',
    streams,
    gflops: speeds[index],
    shareOfRoofline: streams === undefined ? undefined : (speeds[index] ?? 0) / roofline,
    realTimeFactor: streams && (best[index] ?? 0) / (streams * VECTORS * secondsPerVector),
  }));
}

function productGraph(): Uint8Array {
  const graph = new OnnxGraph();
  const constant = graph.constant({ shape: [SIDE, SIDE], type: 'float32', values: noise(SIDE * SIDE) });
  const [value = ''] = graph.node('MatMul', ['x', constant]);
  const port = { shape: [SIDE, SIDE], type: 'float32' } as const;
  return graph.encode('product', [{ ...port, name: 'x' }], [{ ...port, name: 'y', value }]);
}

/** A multiplication and an addition for every weight that meets a vector: kernels of the encoder, and the read's maps. */
async function flopsOfVector(): Promise<number> {
  const { tensors } = decodeSafetensors(await readFile(path.join(MODEL, 'model.safetensors')));
  const kernels = Object.entries(tensors).filter(
    ([name, { shape }]) => shape.length === 2 && /^(encoder\.|memory\.read\.(key|value)$)/.test(name),
  );
  return kernels.reduce((sum, [, { data }]) => sum + 2 * data.length, 0);
}

type Cost = { readonly cpuMsPerSecond: number } | { readonly missing: string };

async function transcribers(model: Model, speech: Float32Array): Promise<{ transcribe: Cost; peer: Cost }> {
  const [seconds = 0] = await bestOfRounds([() => model.transcribe(speech)], 1);
  const peer = await baselineRealTimeFactor(speech);
  return {
    transcribe: { cpuMsPerSecond: (1000 * seconds * RATE) / speech.length },
    peer: typeof peer === 'number' ? { cpuMsPerSecond: 1000 * peer } : { missing: peer },
  };
}

/** CPU seconds for a second of audio of a digit loop, or why it was not measured. */
async function baselineRealTimeFactor(speech: Float32Array): Promise<number | string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-bench-'));
  try {
    const grammar = '#JSGF V1.0;\ngrammar d;\npublic <d> = (zero|one|two|three|four|five|six|seven|eight|nine|oh)+;\n';
    await writeFile(path.join(folder, 'd.gram'), grammar);
    await writeFile(path.join(folder, 'control'), 'speech\n');
    const pcm = Int16Array.from(speech, (sample) => Math.round(sample * 32_767));
    await writeFile(path.join(folder, 'speech.raw'), new Uint8Array(pcm.buffer));
    const model = ['-hmm', `${BASELINE_MODEL}/hmm`, '-dict', `${BASELINE_MODEL}/lm/tidigits.dic`, '-jsgf', 'd.gram'];
    const input = ['-cepdir', '.', '-cepext', '.raw', '-adcin', 'yes', '-ctl', 'control', '-hyp', 'hypotheses'];
    const options = [...model, ...input, '-silprob', '0.5', '-wip', '0.003'];
    const { stderr } = await promisify(execFile)('pocketsphinx_batch', options, { cwd: folder, maxBuffer: 2 ** 26 });
    // Its own quotient is rounded to two places, which leaves 0.00.
    const found = /TOTAL ([\d.]+) seconds speech, ([\d.]+) seconds CPU/.exec(stderr);
    return found === null ? 'told no time' : Number(found[2]) / Number(found[1]);
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Least CPU seconds of each work over all rounds, in which they take turns; a round does each `times` times. */
async function bestOfRounds(works: readonly (() => Promise<unknown>)[], times = 10): Promise<number[]> {
  const best = works.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, work] of works.entries()) {
      const before = process.cpuUsage();
      for (let time = 0; time < times; time++) await work();
      const { user, system } = process.cpuUsage(before);
      best[index] = Math.min(best[index] ?? 0, (user + system) / 1e6 / times);
    }
  }
  return best;
}

function noise(length: number): Float32Array {
  return Float32Array.from({ length }, () => Math.random() - 0.5);
}

/** The files one after the other, over and over, for at least `seconds`. */
async function repeated(files: readonly string[], seconds: number): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  let length = 0;
  while (length < seconds * RATE) {
    for (const file of files) {
      for await (const piece of readAudio(file, { sampleRate: RATE })) {
        pieces.push(piece);
        length += piece.length;
      }
    }
  }
  const speech = new Float32Array(length);
  let position = 0;
  for (const piece of pieces) {
    speech.set(piece, position);
    position += piece.length;
  }
  return speech;
}
