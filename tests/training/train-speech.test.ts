import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { encodeWav } from '../../src/audio/wav.ts';
import { readCheckpoint } from '../../src/model/checkpoint.ts';
import { loadBackend } from '../../src/runtime/backends.ts';
import { trainSpeech } from '../../src/training/train-speech.ts';

/** Two "words", a low and a high tone, as WAV files with their manifest. */
async function toneManifest(folder: string, name: string, count: number): Promise<string> {
  const lines: string[] = [];
  for (let index = 0; index < count; index++) {
    const text = index % 2 === 0 ? 'low' : 'high';
    const hz = (text === 'low' ? 300 : 2_000) + 10 * index;
    const samples = Float32Array.from({ length: 8_000 }, (_, at) => 0.3 * Math.sin((2 * Math.PI * hz * at) / 16_000));
    await writeFile(join(folder, `${name}-${index}.wav`), encodeWav([samples], { sampleRate: 16_000 }));
    lines.push(JSON.stringify({ audio_filepath: `${name}-${index}.wav`, duration: 0.5, text }));
  }
  await writeFile(join(folder, `${name}.jsonl`), lines.join('\n'));
  return join(folder, `${name}.jsonl`);
}

describe('trainSpeech', () => {
  it('trains on manifests, leaves a checkpoint that can be read, and goes on where it stopped', async () => {
    await loadBackend();
    const folder = await mkdtemp(join(tmpdir(), 'hearken-manifest-'));
    const source = {
      manifest: {
        train: await toneManifest(folder, 'train', 8),
        dev: await toneManifest(folder, 'dev', 4),
        name: 'tones',
      },
    };
    const directory = join(folder, 'model');
    await trainSpeech(source, { directory, steps: 2 });
    const { config } = await readCheckpoint(directory);
    expect(config.vocabulary.labels).toEqual(['high', 'low']);
    expect(config.training).toMatchObject({ steps: 2 });
    await trainSpeech(source, { directory, steps: 3 });
    const log = await readFile(join(directory, 'log.jsonl'), 'utf8');
    const steps = log
      .split('\n')
      .flatMap((line) => (line.includes('"loss"') ? [(JSON.parse(line) as { step: number }).step] : []));
    expect(steps).toEqual([1, 2, 3]);
  }, 120_000);
});
