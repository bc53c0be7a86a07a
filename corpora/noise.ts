import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { HearkenError } from '../src/errors.ts';
import { concatenate } from '../src/tensor/concatenate.ts';
import type { Random } from '../src/tensor/random.ts';

import { CLIP_RATE, floatSamples, rootMeanSquare } from './clip.ts';
import { decodeClip } from './decode.ts';
import { requirePackages } from './packages.ts';
import { randomFor, shuffled } from './draw.ts';

export type NoiseRole = 'train' | 'test';
export type NoiseKind = 'music' | 'babble';
/** Recordings of background sound, 16 kHz mono, each at least a minute long and of the same level. */
export type NoiseBank = Readonly<Record<NoiseKind, readonly Float32Array[]>>;

/** Level of stored recordings; low, so that peaks are not clipped. */
const STORED_RMS = 0.05;
const SEED = 7;
const TEST_MUSIC: ReadonlySet<string> = new Set(['manolo_camp-morning_coffee.wav', 'reno_project-system.wav']);
const MUSIC_SECONDS = 180;
const SAMPLE_COUNT = 80;
const TALKER_SECONDS = 90;
const CZECH_TALKERS = 12;
const TRAIN_BABBLE_TALKERS = [2, 3, 4, 5, 6, 8];
/** Narrators of the drawing program in French, Romanian, Russian, Catalan, Bulgarian and Spanish. */
const TEST_NARRATORS = ['fr', 'ro', 'ru', 'ca', 'bg', 'es'];
const TEST_BABBLE_TALKERS = [4, 6];

/** Builds the banks of both roles in `folder` from the packages under `root`; recordings and talkers are disjoint. */
export async function buildNoiseBanks(root: string, folder: string): Promise<void> {
  await requirePackages(root, [
    'asterisk-moh-opsound-wav',
    'sonic-pi-samples',
    'fillets-ng-data-cs',
    'tuxpaint-stamps-default',
  ]);
  const share = join(root, 'usr/share');
  const random = randomFor(SEED);
  const tracks = await filesUnder(join(share, 'asterisk/moh'), '.wav');
  const decodeTrack = async (file: string): Promise<Float32Array> =>
    (await decodeClip(file)).subarray(0, MUSIC_SECONDS * CLIP_RATE);
  const isForTest = (file: string): boolean => TEST_MUSIC.has(basename(file));
  const testMusic = await Promise.all(tracks.filter(isForTest).map(decodeTrack));
  const trainMusic = await Promise.all(tracks.filter((file) => !isForTest(file)).map(decodeTrack));
  const { samples, dialogue, narrators } = await drawFiles(share, random);
  trainMusic.push(concatenate((await Promise.all(samples.map((file) => decodeClip(file)))).map(atLeastOneSecond)));

  const czech = await Promise.all(
    Array.from({ length: CZECH_TALKERS }, (_, talker) =>
      talk(
        dialogue.filter((_file, index) => index % CZECH_TALKERS === talker),
        TALKER_SECONDS,
      ),
    ),
  );
  const narrated = await Promise.all(narrators.map((files) => talk(files, TALKER_SECONDS)));
  const babble = (talkers: readonly Float32Array[], sizes: readonly number[]): Float32Array[] =>
    sizes.map((size) => mixture(random, shuffled(random, talkers).slice(0, size)));
  await writeBank(join(folder, 'train'), { music: trainMusic, babble: babble(czech, TRAIN_BABBLE_TALKERS) });
  await writeBank(join(folder, 'test'), { music: testMusic, babble: babble(narrated, TEST_BABBLE_TALKERS) });
}

/** What music and babble are made of, each in the order in which it is drawn: samples, Czech dialogue, and the narrators of the test's babble. */
async function drawFiles(
  share: string,
  random: Random,
): Promise<{ samples: string[]; dialogue: string[]; narrators: string[][] }> {
  const samples = shuffled(random, await filesUnder(join(share, 'sonic-pi/samples'), '.flac')).slice(0, SAMPLE_COUNT);
  const dialogue = shuffled(random, await filesUnder(join(share, 'games/fillets-ng/sound'), '.ogg', '/cs/'));
  const stamps = await filesUnder(join(share, 'tuxpaint/stamps'), '.ogg');
  const narrators = TEST_NARRATORS.map((language) =>
    shuffled(
      random,
      stamps.filter((file) => file.endsWith(`_desc_${language}.ogg`)),
    ),
  );
  return { samples, dialogue, narrators };
}

/** The recordings that are heard in the babble of the test bank, which nothing may be trained on. */
export async function testBabbleFiles(root: string): Promise<ReadonlySet<string>> {
  const { narrators } = await drawFiles(join(root, 'usr/share'), randomFor(SEED));
  const heard = await Promise.all(narrators.map((files) => filesOfTalk(files, TALKER_SECONDS)));
  return new Set(heard.flat());
}

/** Those of `files` that `talk` would use. */
async function filesOfTalk(files: readonly string[], seconds: number): Promise<string[]> {
  const used: string[] = [];
  for (let total = 0; total < seconds * CLIP_RATE && used.length < files.length; ) {
    const file = files[used.length]!; // used are fewer
    total += (await decodeClip(file)).length;
    used.push(file);
  }
  return used;
}

/** Reads a noise bank. Throws `corpora/missing-noise` where `buildNoiseBanks` has not filled `folder`. */
export async function readNoiseBank(folder: string, role: NoiseRole): Promise<NoiseBank> {
  const read = async (kind: NoiseKind): Promise<Float32Array[]> => {
    const names = await readdir(join(folder, role)).catch(() => []);
    const files = names.filter((name) => name.startsWith(kind)).toSorted();
    if (files.length === 0) {
      throw new HearkenError(
        'corpora/missing-noise',
        `Expected ${kind} in ${folder}/${role}: run \`npm run data:speech\` in a checkout of hearken`,
      );
    }
    return Promise.all(
      files.map(async (name) => {
        const bytes = await readFile(join(folder, role, name));
        return floatSamples(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1));
      }),
    );
  };
  return { music: await read('music'), babble: await read('babble') };
}

/** The bank appears in one step, so that a broken run leaves none that looks whole. */
async function writeBank(folder: string, bank: NoiseBank): Promise<void> {
  const partial = `${folder}.partial`;
  await mkdir(partial, { recursive: true });
  for (const [kind, recordings] of Object.entries(bank)) {
    for (const [index, recording] of recordings.entries()) {
      const scale = (STORED_RMS / rootMeanSquare(recording)) * 32767;
      const samples = Int16Array.from(recording, (value) => Math.max(-32768, Math.min(32767, value * scale)));
      await writeFile(join(partial, `${kind}-${index}.pcm`), new Uint8Array(samples.buffer));
    }
  }
  await rename(partial, folder);
}

/** At most `seconds` of one person talking, from the first clips of `files`. */
export async function talk(files: readonly string[], seconds: number): Promise<Float32Array> {
  const length = seconds * CLIP_RATE;
  const clips: Float32Array[] = [];
  for (let total = 0, index = 0; total < length && index < files.length; index++) {
    const clip = await decodeClip(files[index]!);
    clips.push(clip);
    total += clip.length;
  }
  return concatenate(clips).subarray(0, length);
}

/** All talkers at once, equally loud, each starting somewhere else. */
function mixture(random: Random, talkers: readonly Float32Array[]): Float32Array {
  const mixed = new Float32Array(Math.min(...talkers.map((talker) => talker.length)));
  for (const talker of talkers) {
    const start = random.integer(mixed.length);
    const level = rootMeanSquare(talker);
    for (let index = 0; index < mixed.length; index++) {
      mixed[index] = mixed[index]! + talker[(start + index) % mixed.length]! / level;
    }
  }
  return mixed;
}

function atLeastOneSecond(clip: Float32Array): Float32Array {
  return clip.length >= CLIP_RATE
    ? clip
    : concatenate(Array.from({ length: Math.ceil(CLIP_RATE / Math.max(1, clip.length)) }, () => clip));
}

/** Files under `folder` that end in `extension` and whose path holds `within`, in a fixed order. */
export async function filesUnder(folder: string, extension: string, within = ''): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .map((name) => join(folder, name))
    .filter((file) => file.endsWith(extension) && file.includes(within))
    .toSorted();
}
