/** Seconds of audio a second that streams get which advance together on a device, and what of it copying takes. */
import { readAudio } from '../../src/audio/read-audio.ts';
import { countTransfers } from '../../src/cell/count-transfers.ts';
import type { Executor } from '../../src/cell/executor.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import type { OnnxDevice } from '../../src/cell/onnx-device.ts';
import { OnnxGraph } from '../../src/export/onnx-graph.ts';
import { advance } from '../../src/recognizer/advance.ts';
import { loadEngine } from '../../src/recognizer/load-engine.ts';
import { startStream, type StreamState } from '../../src/recognizer/state.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';

export type StreamRow = {
  readonly device: OnnxDevice;
  readonly streams: number;
  /** Of all streams together. */ readonly audioSecondsPerSecond: number;
  /** 0 to 1; 0 on the processor, which copies nothing to a device. */ readonly copyShare: number;
  /** Calls of cells that an advance of all streams takes, mean. */ readonly callsPerAdvance: number;
  /** Bytes that an advance of all streams copies to the device, mean; 0 on the processor. */ readonly bytesToDevice: number;
  /** Bytes that it copies back. */ readonly bytesFromDevice: number;
};

export type StreamMeter = AsyncDisposable & {
  readonly device: OnnxDevice;
  readonly measure: (streams: number) => Promise<StreamRow>;
};

const RATE = 16_000;
/** Samples of a piece that a live stream brings: half a second. */
const PIECE = 8_000;
/** Milliseconds that a row is measured for, after a piece that compiles what is compiled; a piece at the least. */
const ROW_MS = 3_000;
const COPY_ROUNDS = 5;

export async function openStreamMeter(device: OnnxDevice): Promise<StreamMeter> {
  const loaded = await loadEngine('models/codes-en', device);
  const { executor, take } = countTransfers(loaded.executor);
  const engine = { ...loaded, executor };
  const copier = await createOnnxExecutor(new Map([['copy', copyGraph()]]), { device });
  const speech = await samplesOf('samples/phone-number.wav');
  return {
    device,
    measure: async (streams) => {
      const settings = { grammar: resolveGrammar(engine.config.vocabulary, 'digits'), decoder: 'joint' } as const;
      let states: readonly StreamState[] = Array.from({ length: streams }, () => startStream(engine, settings));
      let piece = 0;
      const step = async (): Promise<void> => {
        const chunks = states.map((_, stream) => ({ samples: pieceOf(speech, piece + stream) }));
        ({ states } = await advance(engine, states, chunks));
        piece++;
      };
      await step();
      take(); // what the first piece carried
      const [began, first] = [performance.now(), piece];
      do await step();
      while (performance.now() - began < ROW_MS);
      const ms = performance.now() - began;
      const advances = piece - first;
      const { calls, bytesToDevice, bytesFromDevice } = take();
      const bytes = bytesToDevice + bytesFromDevice;
      const copyMs = bytes === 0 ? 0 : calls * (await copyMsOf(copier, bytes / calls));
      return {
        device,
        streams,
        audioSecondsPerSecond: (streams * advances * PIECE) / RATE / (ms / 1_000),
        copyShare: Math.min(1, copyMs / ms),
        callsPerAdvance: calls / advances,
        bytesToDevice: Math.round(bytesToDevice / advances),
        bytesFromDevice: Math.round(bytesFromDevice / advances),
      };
    },
    [Symbol.asyncDispose]: async () => {
      await copier[Symbol.asyncDispose]();
      await executor[Symbol.asyncDispose]();
    },
  };
}

/** `y = -x`: as little as a device can do with numbers that it is given and gives back. */
function copyGraph(): Uint8Array {
  const graph = new OnnxGraph();
  const [value = ''] = graph.node('Neg', ['x']);
  const port = { shape: ['B'], type: 'float32' } as const;
  return graph.encode('copy', [{ ...port, name: 'x' }], [{ ...port, name: 'y', value }]);
}

/** Milliseconds of a call that carries `bytes`, half of them in and half out. */
async function copyMsOf(copier: Executor, bytes: number): Promise<number> {
  const length = Math.max(1, Math.round(bytes / 2 / Float32Array.BYTES_PER_ELEMENT));
  const x = { shape: [length], data: new Float32Array(length).fill(1) };
  await copier.run('copy', { x });
  const began = performance.now();
  for (let round = 0; round < COPY_ROUNDS; round++) await copier.run('copy', { x });
  return (performance.now() - began) / COPY_ROUNDS;
}

function pieceOf(speech: Float32Array, index: number): Float32Array {
  const from = (index * PIECE) % (speech.length - PIECE);
  return speech.subarray(from, from + PIECE);
}

async function samplesOf(file: string): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  for await (const piece of readAudio(file, { sampleRate: RATE })) pieces.push(piece);
  return concatenate(pieces);
}
