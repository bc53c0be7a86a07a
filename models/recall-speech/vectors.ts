/** Pieces of streams as the encoder of codes-en hears them: vectors kept in `.data/recall-speech`, from which training sequences are put together. */
import { type FileHandle, mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { randomFor, shuffled } from '../../corpora/draw.ts';
import { filesUnder, readNoiseBank, talk } from '../../corpora/noise.ts';
import { hasUtteranceBank, readUtteranceBank, type Utterance } from '../../corpora/utterance-bank.ts';
import { logMel } from '../../src/audio/log-mel.ts';
import { createRunningMean } from '../../src/audio/running-mean.ts';
import { arrayNamed, floatsNamed } from '../../src/cell/rows.ts';
import { type Executor, zeroStates } from '../../src/cell/executor.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { AudioExample } from '../../src/training/examples.ts';
import { createBackgrounds } from '../codes-en/backgrounds.ts';
import { CODES_CONFIG } from '../codes-en/config.ts';
import { synthesizeCodes } from '../codes-en/synthesis.ts';
import { createSpeech, type PieceKind, PIECES } from './speech.ts';

const SYNTHESIS_FOLDER = '.data/codes-en/synthesis-fifth';
/** Share of the speech of codes-en that is synthesised. */
const SHARE = 0.2;
const NOISE_FOLDER = '.data/noise';
const PACKAGES_SHARE = '.data/packages/usr/share';
const POOL_FOLDER = '.data/recall-speech';
const SEED = 5;
/** Stretches of Czech dialogue. */
const CZECH_TALKERS = 12;
/** Narrators in languages that neither the tests nor their babble have. */
const NARRATORS: readonly string[] = ['be', 'da', 'el', 'lt', 'nl'];
const TALKER_SECONDS = 240;

const COUNTS: Readonly<Record<'train' | 'dev', Readonly<Record<PieceKind, number>>>> = {
  train: { code: 12_000, question: 600, words: 5_000, background: 3_000 },
  dev: { code: 400, question: 50, words: 400, background: 150 },
};

/** A piece of a stream. */
export type Piece = { readonly labels: readonly string[] /** `[n, D]` */; readonly vectors: Float32Array };
/** Codes stand in pairs: the same code by the same voice, each time in a recording of its own. */
export type Pool = Readonly<Record<PieceKind, readonly Piece[]>>;

/** Pieces that one stream has. */
const STREAM_PIECES = 6;
/** Streams that are encoded at once. */
const BATCH = 16;

/** The pieces of `split`; made, which takes some twenty minutes, unless they are there. */
export async function vectorPool(
  split: 'train' | 'dev',
  onProgress?: (done: number, all: number) => void,
): Promise<Pool> {
  const folder = join(POOL_FOLDER, split);
  if (!(await isFile(join(folder, INDEX)))) await writePool(folder, split, onProgress);
  return readPool(folder);
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

type Entry = {
  readonly kind: PieceKind;
  readonly index: number;
  readonly labels: readonly string[];
  /** Vectors. */ readonly length: number;
};

const INDEX = 'index.json';
const vectorsOf = (kind: PieceKind): string => `${kind}.f32`;
const DEPTH = CODES_CONFIG.encoder.units;

async function readPool(folder: string): Promise<Pool> {
  const entries = JSON.parse(await readFile(join(folder, INDEX), 'utf8')) as Entry[]; // written below
  const read = async (kind: PieceKind): Promise<Piece[]> => {
    const bytes = await readFile(join(folder, vectorsOf(kind)));
    const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    const pieces: Piece[] = [];
    let start = 0;
    for (const entry of entries.filter((each) => each.kind === kind)) {
      pieces[entry.index] = { labels: entry.labels, vectors: all.subarray(start, start + entry.length * DEPTH) };
      start += entry.length * DEPTH;
    }
    return pieces;
  };
  return {
    code: await read('code'),
    question: await read('question'),
    words: await read('words'),
    background: await read('background'),
  };
}

async function writePool(
  folder: string,
  split: 'train' | 'dev',
  onProgress: (done: number, all: number) => void = () => undefined,
): Promise<void> {
  if (!(await hasUtteranceBank(SYNTHESIS_FOLDER))) await synthesizeCodes({ folder: SYNTHESIS_FOLDER, share: SHARE });
  const utterances = (await readUtteranceBank(SYNTHESIS_FOLDER)).filter((each) => each.split === split);
  const draw = createSpeech({
    utterances: split === 'train' ? utterances : withWholeVoices(utterances),
    backgrounds: createBackgrounds(await readNoiseBank(NOISE_FOLDER, 'train')),
    talkers: await talkers(),
  });
  const all = PIECES.flatMap((kind) => Array.from({ length: COUNTS[split][kind] }, (_, index) => ({ kind, index })));
  const wanted = shuffled(randomFor(SEED, 3), all);
  const drawPiece = ({ kind, index }: Wanted): AudioExample => {
    const seeds = [SEED, split === 'train' ? 0 : 1, PIECES.indexOf(kind)];
    const random = randomFor(...seeds, index);
    return draw(kind, random, kind === 'code' ? randomFor(...seeds, 0, index >> 1) : random);
  };
  await mkdir(folder, { recursive: true });
  await using executor = await createOnnxExecutor('models/codes-en/onnx', { device: 'cpu' });
  const files = new Map<PieceKind, FileHandle>();
  for (const kind of PIECES) files.set(kind, await open(join(folder, vectorsOf(kind)), 'w'));
  const entries: Entry[] = [];
  try {
    for (let first = 0; first < wanted.length; first += STREAM_PIECES * BATCH) {
      const group = wanted.slice(first, first + STREAM_PIECES * BATCH);
      const streams = inGroups(group, STREAM_PIECES).map((pieces) =>
        pieces.map((each) => ({ ...each, example: drawPiece(each) })),
      );
      const encoded = await encodedStreams(
        executor,
        streams.map((stream) => stream.map(({ example }) => example)),
      );
      for (const [row, stream] of streams.entries()) {
        for (const [place, { kind, index, example }] of stream.entries()) {
          const vectors = encoded[row]![place]!; // one for each
          entries.push({ kind, index, labels: example.labels, length: vectors.length / DEPTH });
          await files.get(kind)!.write(new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength));
        }
      }
      onProgress(Math.min(wanted.length, first + STREAM_PIECES * BATCH), wanted.length);
    }
  } finally {
    for (const file of files.values()) await file.close();
  }
  await writeFile(join(folder, 'index.partial'), JSON.stringify(entries));
  await rename(join(folder, 'index.partial'), join(folder, INDEX));
}

type Wanted = { readonly kind: PieceKind; readonly index: number };

/** Held-out voices lack most words by themselves: what each kind of voice says is joined. */
function withWholeVoices(utterances: readonly Utterance[]): Utterance[] {
  return utterances.map((each) => ({ ...each, voice: each.voice.split(' ')[0] ?? each.voice }));
}

function inGroups<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, group) =>
    items.slice(group * size, (group + 1) * size),
  );
}

/** Frames of a vector, numbers of a frame. */
const { frameStack } = CODES_CONFIG.encoder;
const { bandCount: BANDS, sampleRate, hopLength, normalization } = CODES_CONFIG.features;

/** The vectors of each piece of each stream, heard from the stream's beginning. */
async function encodedStreams(
  executor: Executor,
  streams: readonly (readonly AudioExample[])[],
): Promise<Float32Array[][]> {
  const heard = streams.map(streamFrames);
  const depth = BANDS * frameStack;
  const longest = Math.max(...heard.map(({ frames }) => frames.length));
  const data = new Float32Array(heard.length * longest); // what is behind a stream's end changes nothing before it
  for (const [row, { frames }] of heard.entries()) data.set(frames, row * longest);
  const states = zeroStates(await executor.inputs('encode'), { B: heard.length });
  const outputs = await executor.run('encode', {
    frames: { shape: [heard.length, longest / depth, depth], data },
    ...states,
  });
  const [, count = 0] = arrayNamed(outputs, 'vectors').shape;
  const vectors = floatsNamed(outputs, 'vectors');
  return heard.map(({ lengths }, row) => {
    let start = row * count * DEPTH;
    return lengths.map((length) => vectors.slice(start, (start += length * DEPTH)));
  });
}

/** The frames of a stream's pieces, less one running mean, and how many vectors each piece becomes. */
function streamFrames(pieces: readonly AudioExample[]): { readonly frames: Float32Array; readonly lengths: number[] } {
  const depth = BANDS * frameStack;
  const normalize = createRunningMean({ bands: BANDS, frameRate: sampleRate / hopLength, ...normalization });
  const parts = pieces.map(({ samples, warp }) => {
    const mels = logMel(CODES_CONFIG.features, samples, { warp });
    return normalize.push(mels.subarray(0, mels.length - (mels.length % depth)));
  });
  return { frames: concatenate(parts), lengths: parts.map(({ length }) => length / depth) };
}

/** Stretches of dialogue and narration in other languages: speech in which no word is known. */
async function talkers(): Promise<Float32Array[]> {
  const dialogue = shuffled(
    randomFor(SEED, 2),
    await filesUnder(join(PACKAGES_SHARE, 'games/fillets-ng/sound'), '.ogg', '/cs/'),
  );
  const stamps = await filesUnder(join(PACKAGES_SHARE, 'tuxpaint/stamps'), '.ogg');
  const voices = [
    ...Array.from({ length: CZECH_TALKERS }, (_, talker) =>
      dialogue.filter((_file, index) => index % CZECH_TALKERS === talker),
    ),
    ...NARRATORS.map((language) => stamps.filter((file) => file.endsWith(`_desc_${language}.ogg`))),
  ];
  return Promise.all(voices.map((files) => talk(files, TALKER_SECONDS)));
}
