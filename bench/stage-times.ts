/** Where the processor's time goes between samples and words: stage by stage, for streams alone and in batches. */
import type { Executor } from '../src/cell/executor.ts';
import { type EncodedChunk, encodeChunks, frameChunk } from '../src/recognizer/encode.ts';
import type { Engine } from '../src/recognizer/engine.ts';
import { searchChunks, valueOf } from '../src/recognizer/search.ts';
import { startStream, type StreamState } from '../src/recognizer/state.ts';
import { resolveGrammar } from '../src/text/vocabulary.ts';

/** Milliseconds of processor time (user and system) for a second of audio. */
export type StageTimes = Record<Stage, number>;

/**
 * `features`: log-mel and normalization. `encode`, `memory`, `read`, `rescoring`: the runtime's work in the cells `encode`, `summarise*`,
 * `read`, and `decode*`. `search`: endpoints, prefix beams, beam search and events, in JavaScript. `rest`: arrays between the cells.
 */
const STAGES = ['features', 'encode', 'memory', 'read', 'search', 'rescoring', 'rest'] as const;
type Stage = (typeof STAGES)[number];

const STAGE_OF: Readonly<Record<string, Stage>> = {
  encode: 'encode',
  summarizeLeaf: 'memory',
  summarizeInner: 'memory',
  read: 'read',
  decodePrepare: 'rescoring',
  decodeStep: 'rescoring',
};

export type StageRow = {
  readonly audio: string;
  readonly streams: number;
  readonly cpuMsPerSecond: number;
  readonly stages: StageTimes;
};

type Meter = { readonly times: StageTimes; readonly engine: Engine };

/** Samples of a piece that a live stream brings: half a second. */
const PIECE = 8_000;

/**
 * `streams` streams, each at another place of `audio`, advanced together by half a second at a time for `seconds` each,
 * twice: once for the sum, once with a meter, which costs something itself, for the shares of the stages. A first pass of a
 * quarter of it is not counted.
 */
export async function measureStages(
  engine: Engine,
  { name, samples }: { readonly name: string; readonly samples: Float32Array },
  { streams, seconds }: { readonly streams: number; readonly seconds: number },
): Promise<StageRow> {
  const meter = meterOf(engine);
  const cost = async (metered: Meter, length: number): Promise<number> => {
    const before = cpuMs();
    await pass(metered, samples, streams, length);
    return (cpuMs() - before) / (streams * length);
  };
  await cost(meter, Math.ceil(seconds / 4));
  const total = await cost({ times: { ...meter.times }, engine }, seconds);
  for (const stage of STAGES) meter.times[stage] = 0;
  const metered = (await cost(meter, seconds)) * streams * seconds;
  meter.times.rest += metered - STAGES.reduce((sum, stage) => sum + meter.times[stage], 0);
  const stages = Object.fromEntries(STAGES.map((stage) => [stage, (meter.times[stage] / metered) * total]));
  return { audio: name, streams, cpuMsPerSecond: total, stages: stages as StageTimes }; // one for each stage
}

async function pass({ times, engine }: Meter, samples: Float32Array, streams: number, seconds: number): Promise<void> {
  const settings = { grammar: resolveGrammar(engine.config.vocabulary, 'digits'), decoder: 'joint' } as const;
  let states: readonly StreamState[] = Array.from({ length: streams }, () => startStream(engine, settings));
  const apart = Math.floor(samples.length / streams / PIECE) * PIECE;
  for (let start = 0; start < seconds * 2 * PIECE; start += PIECE) {
    const framed = await timed(times, 'features', () =>
      states.map((state, stream) => {
        const from = (start + stream * apart) % (samples.length - PIECE);
        return frameChunk(engine, state, { samples: samples.subarray(from, from + PIECE) });
      }),
    );
    const encoded = await encodeChunks(engine, framed);
    const inCells = times.rescoring;
    const began = cpuMs();
    const chunks = encoded.map((chunk: EncodedChunk, stream) => ({
      ...chunk,
      before: states[stream]!, // one for each
      trace: undefined,
    }));
    states = (await searchChunks(engine, chunks)).map((result) => valueOf(result).state);
    times.search += cpuMs() - began - (times.rescoring - inCells);
  }
}

/** `engine` with an executor that adds up the time of its cells. */
function meterOf(engine: Engine): Meter {
  const times = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as StageTimes; // one for each
  const { executor } = engine;
  const metered: Executor = {
    name: executor.name,
    inputs: (cell) => executor.inputs(cell),
    run: (cell, inputs) => timed(times, STAGE_OF[cell] ?? 'rest', () => executor.run(cell, inputs)),
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
  return { times, engine: { ...engine, executor: metered } };
}

async function timed<Result>(
  times: StageTimes,
  stage: Stage,
  work: () => Result | Promise<Result>,
): Promise<Awaited<Result>> {
  const before = cpuMs();
  const result = await work();
  times[stage] += cpuMs() - before;
  return result;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
