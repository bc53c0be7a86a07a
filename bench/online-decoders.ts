/**
 * Decoders that write while they hear (monotonic, MoChA, MILk; models/online-digits) beside what codes-en does: CTC's words at once, which may
 * change, and the words that the attention decoder settles at an utterance's end. Strings of digits by people, each followed by silence, as streams.
 */
import { CLIP_RATE } from '../corpora/clip.ts';
import { beforeSilence, humanItems, inCondition, type TestItem } from '../corpora/evaluation-sets.ts';
import { readHumanClips } from '../corpora/human-speech.ts';
import { score, type ScoredItem } from '../corpora/scores.ts';
import { DIGIT_WORDS } from '../models/codes-en/words.ts';
import { delaysOf, quantileOf, type Reading, takenBack } from '../models/online-digits/delays.ts';
import { isKept, modelWith } from '../models/online-digits/folders.ts';
import { ENCODER_FOLDER, KINDS, SEEDS } from '../models/online-digits/config.ts';
import { loadBackend } from '../src/backend/backends.ts';
import { type DecoderChoice, loadModel, type Model } from '../src/index.ts';
import { type Engine } from '../src/recognizer/engine.ts';
import { loadEngine } from '../src/recognizer/load-engine.ts';
import { advanceOnline, startOnline } from '../models/online-digits/online.ts';
import { resolveGrammar } from '../src/text/vocabulary.ts';

/** `--set dev|extra|test`, default `dev`; `test` is for what is frozen. `--strings N`: the first N of each speaker, default all. */
export const OPTIONS: readonly string[] = ['set', 'strings'];

const PACKAGES_FOLDER = '.data/packages';
const GRAMMAR = 'digits';
/** Silence behind a string: longer than the pause that ends an utterance. */
const SILENCE_SECONDS = 1.5;
/** Samples of a chunk where costs are counted: half a second, as a live stream brings them. */
const LIVE_CHUNK = CLIP_RATE / 2;
/** Samples of a vector, by which delays are told, and those that the first one needs beyond. */
const VECTOR = 640;
const BEYOND = 240;

type Row = {
  readonly decoder: string;
  readonly seed?: number;
  readonly wrong: string;
  readonly ci95: string;
  /** Median and 90 % of the milliseconds from a word's end until it stood there and stayed. */
  readonly shownMs: number;
  readonly shownMs90: number;
  /** The same until it could not change any more. */
  readonly settledMs: number;
  readonly settledMs90: number;
  /** Words that were taken back or changed, of a hundred that were said. */ readonly takenBack: number;
  /** Processor time, ms, of a second of audio, live, by half a second at a time. */ readonly cpuMs: number;
};

/** Hears a string: all readings, where chunks are `size` samples. */
type Listener = (item: TestItem, chunks: Iterable<Float32Array>) => Promise<Reading[]>;

export default async function benchOnlineDecoders({
  set = 'dev',
  strings,
}: Readonly<Record<string, string>>): Promise<{ rows: Row[]; notes: string[] }> {
  const items = await stringsOf(set, strings === undefined ? Number.POSITIVE_INFINITY : Number(strings));
  const rows: Row[] = [];
  {
    await using model = await loadModel(ENCODER_FOLDER, { grammar: GRAMMAR });
    for (const decoder of ['ctc', 'attention', 'joint'] as const) {
      rows.push(await measure({ decoder: `codes-en, ${decoder}` }, items, inTwoPasses(model, decoder)));
    }
  }
  await loadBackend();
  for (const kind of KINDS) {
    for (const seed of SEEDS.filter((each) => isKept(kind, each))) {
      const folder = await modelWith(kind, seed);
      if (kind === 'additive') {
        await using model = await loadModel(folder, { grammar: GRAMMAR });
        rows.push(await measure({ decoder: kind, seed }, items, inTwoPasses(model, 'attention')));
        continue;
      }
      const engine = await loadEngine(folder, 'cpu');
      rows.push(await measure({ decoder: kind, seed }, items, online(engine)));
      await engine.executor[Symbol.asyncDispose]();
    }
  }
  return {
    rows,
    notes: [
      `${items.length} strings of 4 to 8 digits by the ${set} speakers, each a stream of its own with ${SILENCE_SECONDS} s of near silence behind it.`,
      'wrong: of all words, with a bootstrap interval over strings. Delays: of strings heard without a mistake, from the end of a word, its',
      'last sample; shown: until it stood where it stayed; settled: until it could not change. They count the audio that must have come, not the',
      'time to compute. taken back: of 100 words said. cpu: ms of processor time a second of audio, half a second at a time, one stream.',
    ],
  };
}

async function stringsOf(set: string, most: number): Promise<TestItem[]> {
  const role = (['dev', 'extra', 'test'] as const).find((each) => each === set);
  if (role === undefined) throw new RangeError(`Expected --set to be dev, extra or test, got ${set}`);
  const connected = humanItems(await readHumanClips(PACKAGES_FOLDER, role)).filter(({ kind }) => kind === 'connected');
  const counts = new Map<string, number>();
  const kept = connected.filter(({ speaker }) => {
    counts.set(speaker, (counts.get(speaker) ?? 0) + 1);
    return (counts.get(speaker) ?? 0) <= most;
  });
  const clean = { noise: 'clean', snr: Number.POSITIVE_INFINITY } as const;
  return beforeSilence(kept, SILENCE_SECONDS).map((item, index) => inCondition(item, index, clean));
}

async function measure(
  name: Pick<Row, 'decoder' | 'seed'>,
  items: readonly TestItem[],
  listener: { readonly delays: Listener; readonly cost: Listener },
): Promise<Row> {
  const scored: ScoredItem[] = [];
  const [shown, settled]: [number[], number[]] = [[], []];
  let back = 0;
  for (const item of items) {
    const readings = await listener.delays(item, vectorByVector(item.samples));
    const said = item.labels.map((label) => DIGIT_WORDS[Number(label)] ?? label);
    scored.push({ kind: item.kind, speaker: item.speaker, said, heard: readings.at(-1)?.words ?? [] });
    back += takenBack(readings);
    const ends = (item.ends ?? []).map((end) => end / CLIP_RATE);
    const delays = delaysOf(readings, said, ends);
    shown.push(...(delays?.shown ?? []));
    settled.push(...(delays?.settled ?? []));
  }
  const { connected } = score(scored);
  if (connected === undefined) throw new TypeError('Expected strings, got none');
  const percent = (share: number): string => (100 * share).toFixed(1);
  const ms = (values: readonly number[], share: number): number => Math.round(1_000 * quantileOf(values, share));
  return {
    ...name,
    wrong: `${percent(connected.wer)} % (${connected.errors} of ${connected.total})`,
    ci95: `${percent(connected.ci95.low)}-${percent(connected.ci95.high)}`,
    shownMs: ms(shown, 0.5),
    shownMs90: ms(shown, 0.9),
    settledMs: ms(settled, 0.5),
    settledMs90: ms(settled, 0.9),
    takenBack: Number(((100 * back) / connected.total).toFixed(1)),
    cpuMs: await costOf(items, listener.cost),
  };
}

/** Milliseconds of processor time of a second of audio; a first quarter is not counted. */
async function costOf(items: readonly TestItem[], listen: Listener): Promise<number> {
  const warm = Math.ceil(items.length / 4);
  for (const item of items.slice(0, warm)) await listen(item, inChunks(item.samples));
  const before = process.cpuUsage();
  let seconds = 0;
  for (const item of items.slice(warm)) {
    await listen(item, inChunks(item.samples));
    seconds += item.samples.length / CLIP_RATE;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / seconds;
}

/** The streams of a model, whose words are settled at an utterance's end. */
function inTwoPasses(model: Model, decoder: DecoderChoice): { readonly delays: Listener; readonly cost: Listener } {
  const listen: Listener = async (_, chunks) => {
    const stream = model.open({ grammar: GRAMMAR, decoder });
    const readings: Reading[] = [];
    let [time, settled]: [number, string[]] = [0, []];
    const take = (events: Awaited<ReturnType<typeof stream.push>>): void => {
      for (const event of events) {
        if (event.type !== 'partial' && event.type !== 'final') continue;
        const words = [...settled, ...event.words.map(({ word }) => word)];
        if (event.type === 'final') settled = words;
        readings.push({ time, words, settled: settled.length });
      }
    };
    for (const chunk of chunks) {
      time += chunk.length / CLIP_RATE;
      take(await stream.push(chunk));
    }
    take(await stream.flush());
    stream.close();
    return readings;
  };
  return { delays: listen, cost: listen };
}

/** Streams of a decoder that stops: a word is settled when it is written. */
function online(engine: Engine): { readonly delays: Listener; readonly cost: Listener } {
  const grammar = resolveGrammar(engine.config.vocabulary, GRAMMAR);
  const listen: Listener = async (_, chunks) => {
    const readings: Reading[] = [];
    const words: string[] = [];
    let state = startOnline(engine);
    for (const samples of [...chunks, undefined]) {
      const chunk =
        samples === undefined ? { samples: new Float32Array(0), isLast: true } : { samples: samples.slice() };
      const [advanced] = await advanceOnline(engine, grammar, [{ state, chunk }]);
      if (advanced === undefined) continue; // there is one for each stream
      ({ state } = advanced);
      for (const { word, time } of advanced.words) {
        words.push(word);
        readings.push({ time, words: [...words], settled: words.length });
      }
    }
    return readings;
  };
  // Words tell themselves when they were known, however the samples come.
  return { delays: (item) => listen(item, inChunks(item.samples)), cost: listen };
}

function* inChunks(samples: Float32Array, size: number = LIVE_CHUNK): Generator<Float32Array> {
  for (let start = 0; start < samples.length; start += size) yield samples.slice(start, start + size);
}

/** Chunks each of which brings one vector. */
function* vectorByVector(samples: Float32Array): Generator<Float32Array> {
  yield samples.slice(0, VECTOR + BEYOND);
  yield* inChunks(samples.slice(VECTOR + BEYOND), VECTOR);
}
