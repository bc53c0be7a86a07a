import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { readCheckpoint } from '../../src/model/checkpoint.ts';
import { loadBackend } from '../../src/runtime/backends.ts';
import { trainSpeech } from '../../src/training/train-speech.ts';
import { toneManifest } from './tone-manifest.ts';

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
  }, 600_000);
});
