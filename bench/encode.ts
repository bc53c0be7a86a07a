/**
 * How much of what onnxruntime can multiply the encoder uses, for 1 and for 16 streams; and how fast codes-en hears beside
 * pocketsphinx (Debian packages pocketsphinx and pocketsphinx-testdata) on the same audio. One core, CPU time, best round.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { readAudio } from '../src/audio/read-audio.ts';
import { OnnxGraph } from '../src/export/onnx-graph.ts';
import { loadModel, type Model, transcribe } from '../src/index.ts';
import { advance } from '../src/runtime/advance.ts';
import type { Engine } from '../src/runtime/engine.ts';
import { loadEngine } from '../src/runtime/load-engine.ts';
import { createOnnxExecutor } from '../src/runtime/onnx-executor.ts';
import { stackRows } from '../src/runtime/rows.ts';
import { startStream } from '../src/runtime/stream-state.ts';
import type { HostArrays } from '../src/tensor/host-array.ts';
import { decodeSafetensors } from '../src/tensor/safetensors.ts';
import { resolveGrammar } from '../src/text/vocabulary.ts';

const MODEL = 'models/codes-en';
const DIGITS = ['samples/phone-number.wav', 'samples/pin.wav'];
const PEER_MODEL = '/usr/share/pocketsphinx/test/data/tidigits';
const RATE = 16_000;
const ROUNDS = 5;
/** One side of the square matrices of the roofline. */
const SIDE = 1024;
/** Vectors a stream has in one call: a second of audio. */
const VECTORS = 25;
const STREAMS = [1, 16];
const SPEECH_SECONDS = 60;

type Row = Record<string, unknown>;

export default async function benchEncode(): Promise<{ rows: Row[]; notes: string[] }> {
  const speech = await repeated(DIGITS, SPEECH_SECONDS);
  const engine = await loadEngine(MODEL, 'cpu');
  await using model = await loadModel(MODEL, { grammar: 'digits' });
  const rows = [
    ...(await encodeRows(engine)),
    ...(await engineRows(engine, speech)),
    ...(await hearingRows(model, speech)),
  ];
  await engine.executor[Symbol.asyncDispose]();
  return {
    rows,
    notes: [
      `roofline: a product of two ${SIDE} x ${SIDE} matrices in onnxruntime, one thread, in the same rounds as encode.`,
      `encode: ${VECTORS} vectors a stream and call. all streams: everything from samples to words, a second of audio a call.`,
      'realTimeFactor: seconds of work for a second of audio. pocketsphinx tells its own CPU time, without loading.',
    ],
  };
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

async function engineRows(engine: Engine, speech: Float32Array): Promise<Row[]> {
  const settings = { grammar: resolveGrammar(engine.config.vocabulary, 'digits'), decoder: 'joint' } as const;
  const hear = async (streams: number): Promise<void> => {
    let states: Awaited<ReturnType<typeof advance>>['states'] = Array.from({ length: streams }, () =>
      startStream(engine, settings),
    );
    for (let start = 0; start < 10 * RATE; start += RATE) {
      const chunks = states.map((_, stream) => ({
        samples: speech.subarray(start + stream * RATE, start + (stream + 1) * RATE), // each at another place
      }));
      ({ states } = await advance(engine, states, chunks));
    }
  };
  const best = await bestOfRounds(
    STREAMS.map((streams) => () => hear(streams)),
    1,
  );
  return STREAMS.map((streams, index) => ({
    what: 'all streams',
    streams,
    realTimeFactor: (best[index] ?? 0) / (10 * streams),
  }));
}

async function hearingRows(model: Model, speech: Float32Array): Promise<Row[]> {
  const [seconds = 0] = await bestOfRounds([() => transcribe(model, speech)], 1);
  const row = (what: string, realTimeFactor: number): Row => ({
    what,
    streams: 1,
    realTimeFactor,
    timesRealTime: 1 / realTimeFactor,
  });
  const peer = await peerRealTimeFactor(speech);
  const ours = row('transcribe', (seconds * RATE) / speech.length);
  return [ours, typeof peer === 'number' ? row('pocketsphinx', peer) : { what: `pocketsphinx: ${peer}` }];
}

/** CPU seconds for a second of audio of a digit loop, or why it was not measured. */
async function peerRealTimeFactor(speech: Float32Array): Promise<number | string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-bench-'));
  try {
    const grammar = '#JSGF V1.0;\ngrammar d;\npublic <d> = (zero|one|two|three|four|five|six|seven|eight|nine|oh)+;\n';
    await writeFile(path.join(folder, 'd.gram'), grammar);
    await writeFile(path.join(folder, 'control'), 'speech\n');
    const pcm = Int16Array.from(speech, (sample) => Math.round(sample * 32_767));
    await writeFile(path.join(folder, 'speech.raw'), new Uint8Array(pcm.buffer));
    const model = ['-hmm', `${PEER_MODEL}/hmm`, '-dict', `${PEER_MODEL}/lm/tidigits.dic`, '-jsgf', 'd.gram'];
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
