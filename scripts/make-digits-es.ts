/**
 * Synthesises Spanish digits as WAV files with NeMo manifests, to show that `hearken train --manifest` learns words of
 * any language: `npx tsx scripts/make-digits-es.ts [FOLDER]`. Needs espeak-ng.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { CLIP_RATE, trimmed, withPeak } from '../corpora/clip.ts';
import { chance, integerBetween, pick, randomFor } from '../corpora/draw.ts';
import { synthesizeEspeak } from '../corpora/synthesis/espeak.ts';
import { encodeWav } from '../src/audio/wav.ts';
import type { Random } from '../src/tensor/random.ts';

const DIGITS = ['cero', 'uno', 'dos', 'tres', 'cuatro', 'cinco', 'seis', 'siete', 'ocho', 'nueve'];
const ACCENTS = ['es', 'es-419'];
const SEED = 34;

/** The sets to make; nobody speaks in both. */
const SETS = [
  {
    name: 'train',
    count: 1_600,
    variants: ['m1', 'm2', 'm3', 'm5', 'm7', 'm8', 'f1', 'f3', 'f5', 'Andy', 'max', 'steph'],
  },
  { name: 'dev', count: 160, variants: ['m4', 'm6', 'f2', 'f4'] },
] as const;

const folder = process.argv[2] ?? '.data/digits-es';
if (existsSync(join(folder, 'train.jsonl')))
  throw new Error(`Expected a new folder, got ${folder}, which holds a manifest`);
for (const [index, { name, count, variants }] of SETS.entries()) {
  await mkdir(join(folder, name), { recursive: true });
  const random = randomFor(SEED, index);
  const lines: string[] = [];
  for (let item = 0; item < count; item++) {
    const words = drawWords(random);
    const speech = await speak(random, words, variants);
    const file = `${name}/${String(item).padStart(4, '0')}.wav`;
    await writeFile(join(folder, file), encodeWav([speech], { sampleRate: CLIP_RATE }));
    lines.push(JSON.stringify({ audio_filepath: file, duration: speech.length / CLIP_RATE, text: words.join(' ') }));
  }
  await writeFile(join(folder, `${name}.jsonl`), `${lines.join('\n')}\n`);
}
process.stdout.write(
  `hearken train --manifest ${folder}/train.jsonl --dev ${folder}/dev.jsonl --out .runs/digits-es\n`,
);

/** One digit in half of the items, else two to five. */
function drawWords(random: Random): string[] {
  const count = chance(random, 0.5) ? 1 : integerBetween(random, 2, 5);
  return Array.from({ length: count }, () => pick(random, DIGITS));
}

async function speak(random: Random, words: readonly string[], variants: readonly string[]): Promise<Float32Array> {
  const clip = await synthesizeEspeak(words.join(pick(random, [' ', ', '])), {
    accent: pick(random, ACCENTS),
    variant: pick(random, variants),
    pitch: integerBetween(random, 20, 80),
    wordsPerMinute: integerBetween(random, 110, 220),
  });
  return withPeak(trimmed(clip, 0.012, 0.02), 0.5);
}
