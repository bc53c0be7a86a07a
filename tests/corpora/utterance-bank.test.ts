import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  hasUtteranceBank,
  readUtteranceBank,
  type Utterance,
  writeUtteranceBank,
} from '../../corpora/utterance-bank.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearken-bank-'));
});
afterEach(() => rm(folder, { recursive: true }));

const UTTERANCES: readonly Utterance[] = [
  { voice: 'a', source: 'formants', split: 'train', labels: ['1'], samples: Int16Array.of(1, -2, 32_767) },
  { voice: 'b', source: 'recordings', split: 'dev', labels: ['x', '2'], samples: Int16Array.of(-32_768) },
];

async function* all(): AsyncGenerator<Utterance> {
  yield* UTTERANCES;
}

describe('an utterance bank', () => {
  test('gives back what was written', async () => {
    await writeUtteranceBank(folder, all());
    expect(await readUtteranceBank(folder)).toEqual(UTTERANCES);
  });

  test('is not there until all of it is written', async () => {
    async function* broken(): AsyncGenerator<Utterance> {
      yield* UTTERANCES;
      throw new Error('the synthesiser died');
    }
    await expect(writeUtteranceBank(folder, broken())).rejects.toThrow('the synthesiser died');
    expect(await hasUtteranceBank(folder)).toBe(false);
    await expect(readUtteranceBank(folder)).rejects.toThrow('Expected synthesised speech in');
  });

  test('is not taken for one by its audio alone', async () => {
    await writeFile(join(folder, 'audio.pcm'), new Uint8Array(4));
    expect(await hasUtteranceBank(folder)).toBe(false);
  });
});
