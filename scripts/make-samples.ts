/**
 * Makes `samples/*.wav` with their truth in `samples/*.txt`: synthetic speech, so that it may be shipped, each in another
 * format that recordings come in. `samples/codes.json` has the patterns of the codes in them. Needs flite, espeak-ng and ffmpeg. `npx tsx scripts/make-samples.ts`
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CLIP_RATE, trimmed, withPeak } from '../corpora/clip.ts';
import { between, randomFor } from '../corpora/draw.ts';
import { runProgram } from '../corpora/programs.ts';
import { synthesizeEspeak } from '../corpora/synthesis/espeak.ts';
import { synthesizeFlite } from '../corpora/synthesis/flite.ts';
import { encodeWav } from '../src/audio/wav.ts';
import { concatenate } from '../src/tensor/concatenate.ts';

type Sample = {
  readonly name: string;
  /** Words of the model that are said. */ readonly truth: string;
  readonly speech: () => Promise<Float32Array>;
  /** Arguments of ffmpeg for the format that the sample is stored in. */ readonly format: readonly string[];
};

/** The samples to make, without "oh", which the grammars write in two ways: a digit, or the letter o. */
const SAMPLES: readonly Sample[] = [
  {
    name: 'phone-number',
    truth: 'five five five one nine eight zero seven four six',
    speech: () =>
      synthesizeFlite('five five five. one nine eight. zero seven. four six.', { name: 'awb', durationStretch: 1.2 }),
    format: ['-c:a', 'pcm_s16le'],
  },
  {
    // As telephones record: 8 kHz, mu-law. The voice is one that codes-en was not trained with.
    name: 'pin',
    truth: 'four seven two nine',
    speech: () =>
      synthesizeEspeak('four, seven, two, nine.', {
        accent: 'en-us-nyc',
        variant: 'f4',
        pitch: 50,
        wordsPerMinute: 150,
      }),
    format: ['-ar', '8000', '-c:a', 'pcm_mulaw'],
  },
  {
    name: 'order-code',
    truth: 'b seven m four x nine',
    speech: () => synthesizeFlite('bee, seven, em, four, x, nine.', { name: 'rms', durationStretch: 1.1 }),
    format: ['-ar', '22050', '-c:a', 'pcm_s24le'],
  },
  {
    name: 'two-numbers',
    truth: 'nine one one three zero eight six six two',
    speech: async () =>
      concatenate([
        await synthesizeFlite('nine one one three.', { name: 'awb', durationStretch: 1.1 }),
        new Float32Array(4 * CLIP_RATE),
        await synthesizeFlite('zero eight six six two.', { name: 'slt', durationStretch: 1.2 }),
      ]),
    format: ['-ac', '2', '-c:a', 'pcm_u8'],
  },
  {
    // For recall-speech: a code is marked, other digits and letters are said, and at the end it is asked for.
    name: 'kept-code',
    truth: 'w four seven one nine nine two zero three k five m three q',
    speech: async () =>
      concatenate([
        await synthesizeFlite('double you. four, seven, one, nine.', { name: 'awb', durationStretch: 1.2 }),
        new Float32Array(2 * CLIP_RATE),
        await synthesizeFlite('nine two zero three.', { name: 'slt', durationStretch: 1.2 }),
        new Float32Array(3 * CLIP_RATE),
        await synthesizeFlite('kay, five, em, three.', { name: 'rms', durationStretch: 1.1 }),
        new Float32Array(4 * CLIP_RATE),
        await synthesizeFlite('queue.', { name: 'awb', durationStretch: 1.2 }),
      ]),
    format: ['-ar', '8000', '-c:a', 'pcm_mulaw'],
  },
  {
    // A number that payment networks give to testers.
    name: 'card',
    truth: 'five five zero zero zero zero five five five five five five five five five nine',
    speech: () =>
      synthesizeGroups(
        ['five five zero zero.', 'zero zero five five.', 'five five five five.', 'five five five nine.'],
        { name: 'slt', durationStretch: 1.2 },
      ),
    format: ['-ar', '8000', '-c:a', 'pcm_alaw'],
  },
  {
    name: 'plate',
    truth: 'k m four seven x m q',
    speech: () => synthesizeFlite('kay, em. four seven. x, em, queue.', { name: 'rms', durationStretch: 1.1 }),
    format: ['-ar', '11025', '-c:a', 'pcm_s16le'],
  },
];

const GROUP_PAUSE_SECONDS = 1.2;

/** Groups of a code with the pauses that people make between them. */
async function synthesizeGroups(
  groups: readonly string[],
  voice: Parameters<typeof synthesizeFlite>[1],
): Promise<Float32Array> {
  const said: Float32Array[] = [];
  for (const group of groups) {
    if (said.length > 0) said.push(new Float32Array(GROUP_PAUSE_SECONDS * CLIP_RATE));
    said.push(trimmed(await synthesizeFlite(group, voice), 0.01, 0.05));
  }
  return concatenate(said);
}

const SPEECH_PEAK = 0.5;
const SILENCE_SECONDS = 0.4;
/** Uniform noise of -55 dBFS: no microphone gives digital silence. */
const NOISE_PEAK = 10 ** (-55 / 20) * Math.sqrt(3);

const folder = await mkdtemp(join(tmpdir(), 'hearken-samples-'));
for (const [index, { name, truth, speech, format }] of SAMPLES.entries()) {
  const silence = new Float32Array(SILENCE_SECONDS * CLIP_RATE);
  const clip = concatenate([silence, withPeak(trimmed(await speech(), 0.01, 0.05), SPEECH_PEAK), silence, silence]);
  const random = randomFor(index);
  const noisy = clip.map((sample) => sample + between(random, -NOISE_PEAK, NOISE_PEAK));
  const plain = join(folder, `${name}.wav`);
  await writeFile(plain, encodeWav([noisy], { sampleRate: CLIP_RATE }));
  const file = `samples/${name}.wav`;
  await runProgram('ffmpeg', ['-v', 'error', '-y', '-i', plain, '-fflags', '+bitexact', ...format, file]);
  await writeFile(`samples/${name}.txt`, `${truth}\n`);
  process.stdout.write(`${file}: ${truth}\n`);
}
await rm(folder, { recursive: true });
