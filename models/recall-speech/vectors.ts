/** Pieces of streams as the encoder of codes-en hears them: vectors kept in `.data/recall-speech`, from which training sequences are put together. */
import { mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { decodeClip } from '../../corpora/decode.ts';
import { randomFor, shuffled } from '../../corpora/draw.ts';
import { filesUnder, readNoiseBank } from '../../corpora/noise.ts';
import { hasUtteranceBank, readUtteranceBank, type Utterance } from '../../corpora/utterance-bank.ts';
import { arrayNamed, floatsNamed } from '../../src/cell/rows.ts';
import { type Executor, zeroStates } from '../../src/cell/executor.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { AudioExample } from '../../src/training/examples.ts';
import { speechFrames } from '../../src/training/speech-batches.ts';
import { createBackgrounds } from '../codes-en/backgrounds.ts';
import { CODES_CONFIG } from '../codes-en/config.ts';
import { synthesizeCodes } from '../codes-en/synthesis.ts';
import { createSpeech, type PieceKind, PIECES } from './speech.ts';

const SYNTHESIS_FOLDER = '.data/codes-en/synthesis-fifth';
/** Share of the speech of codes-en that is synthesised. */
const SHARE = 0.2;
const NOISE_FOLDER = '.data/noise';
const DIALOGUE_FOLDER = '.data/packages/usr/share/games/fillets-ng/sound';
const POOL_FOLDER = '.data/recall-speech';
const SEED = 5;
/** Stretches of Czech dialogue, of some five minutes each. */
const TALKERS = 12;

const COUNTS: Readonly<Record<'train' | 'dev', Readonly<Record<PieceKind, number>>>> = {
  train: { code: 4_000, question: 600, words: 2_400, background: 800 },
  dev: { code: 200, question: 50, words: 400, background: 150 },
};

/** A piece of a stream. */
export type Piece = { readonly labels: readonly string[] /** `[n, D]` */; readonly vectors: Float32Array };
/** Codes stand in pairs: the same code by the same voice, each time in a recording of its own. */
export type Pool = Readonly<Record<PieceKind, readonly Piece[]>>;

/** Recordings encoded at once, at most. */
const BATCH = 16;
/** Examples that are drawn before they are grouped by length. */
const GROUP = 256;

/** The pieces of `split`; made, which takes a quarter of an hour, unless they are there. */
export async function vectorPool(
  split: 'train' | 'dev',
  onProgress?: (done: number, all: number) => void,
): Promise<Pool> {
  const folder = join(POOL_FOLDER, split);
  if (!(await isFile(join(folder, 'index.json')))) await writePool(folder, split, onProgress);
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
  readonly length: number;
};

const DEPTH = CODES_CONFIG.encoder.units;

async function readPool(folder: string): Promise<Pool> {
  const entries = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as Entry[]; // written below
  const bytes = await readFile(join(folder, 'vectors.f32'));
  const all = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  const pool: Record<PieceKind, Piece[]> = { code: [], question: [], words: [], background: [] };
  let start = 0;
  for (const { kind, index, labels, length } of entries) {
    pool[kind][index] = { labels, vectors: all.subarray(start, start + length * DEPTH) };
    start += length * DEPTH;
  }
  return pool;
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
  const wanted = PIECES.flatMap((kind) => Array.from({ length: COUNTS[split][kind] }, (_, index) => ({ kind, index })));
  await mkdir(folder, { recursive: true });
  await using executor = await createOnnxExecutor('models/codes-en/onnx', { device: 'cpu' });
  const file = await open(join(folder, 'vectors.f32'), 'w');
  const entries: Entry[] = [];
  try {
    for (let first = 0; first < wanted.length; first += GROUP) {
      const drawn = wanted.slice(first, first + GROUP).map(({ kind, index }) => {
        const seeds = [SEED, split === 'train' ? 0 : 1, PIECES.indexOf(kind)];
        const random = randomFor(...seeds, index);
        const example = draw(kind, random, kind === 'code' ? randomFor(...seeds, 0, index >> 1) : random);
        return { kind, index, example, frames: speechFrames(CODES_CONFIG, example, random) };
      });
      for (const group of byLength(drawn)) {
        const vectors = await encoded(
          executor,
          group.map(({ frames }) => frames),
        );
        for (const [row, { kind, index, example }] of group.entries()) {
          entries.push({ kind, index, labels: example.labels, length: vectors[row]!.length / DEPTH });
          await file.write(new Uint8Array(vectors[row]!.buffer, vectors[row]!.byteOffset, vectors[row]!.byteLength));
        }
      }
      onProgress(Math.min(wanted.length, first + GROUP), wanted.length);
    }
  } finally {
    await file.close();
  }
  await writeFile(join(folder, 'index.partial'), JSON.stringify(entries));
  await rename(join(folder, 'index.partial'), join(folder, 'index.json'));
}

/** Held-out voices lack most words by themselves: what each kind of voice says is joined. */
function withWholeVoices(utterances: readonly Utterance[]): Utterance[] {
  return utterances.map((each) => ({ ...each, voice: each.voice.split(' ')[0] ?? each.voice }));
}

type Drawn = {
  readonly kind: PieceKind;
  readonly index: number;
  readonly example: AudioExample;
  readonly frames: Float32Array;
};

function byLength(drawn: readonly Drawn[]): Drawn[][] {
  const sorted = drawn.toSorted((a, b) => a.frames.length - b.frames.length);
  const groups: Drawn[][] = [];
  for (const each of sorted) {
    const last = groups.at(-1);
    if (last !== undefined && last.length < BATCH && last[0]!.frames.length === each.frames.length) last.push(each);
    else groups.push([each]);
  }
  return groups;
}

/** Vectors of recordings of one length, each from a stream's beginning. */
async function encoded(executor: Executor, rows: readonly Float32Array[]): Promise<Float32Array[]> {
  const frameDepth = CODES_CONFIG.features.bandCount * CODES_CONFIG.encoder.frameStack;
  const length = rows[0]!.length / frameDepth;
  const states = zeroStates(await executor.inputs('encode'), { B: rows.length });
  const frames = { shape: [rows.length, length, frameDepth], data: concatenate(rows) };
  const outputs = await executor.run('encode', { frames, ...states });
  const [, count = 0, depth = 0] = arrayNamed(outputs, 'vectors').shape;
  const data = floatsNamed(outputs, 'vectors');
  return rows.map((_, row) => data.slice(row * count * depth, (row + 1) * count * depth));
}

/** Stretches of dialogue in Czech: speech in which no word is known. */
async function talkers(): Promise<Float32Array[]> {
  const files = await filesUnder(DIALOGUE_FOLDER, '.ogg', '/cs/');
  const deck = shuffled(randomFor(SEED, 2), files).slice(0, TALKERS * 40);
  const clips: Float32Array[] = [];
  for (const file of deck) clips.push(await decodeClip(file));
  return Array.from({ length: TALKERS }, (_, talker) =>
    concatenate(clips.filter((_clip, index) => index % TALKERS === talker)),
  );
}
