import { beforeAll, describe, expect, test } from 'vitest';

import { type CodesByPeer, codesByPocketsphinx, isOfDigits } from '../../corpora/code-peer.ts';
import { humanItems, inCondition } from '../../corpora/evaluation-sets.ts';
import { type HumanClip, packagesOf, readHumanClips } from '../../corpora/human-speech.ts';
import { missingPackages } from '../../corpora/packages.ts';
import { recognizeWithPocketsphinx } from '../../corpora/pocketsphinx.ts';
import { spokenCodes } from '../../corpora/spoken-codes.ts';
import { missingPrograms, skipNote } from '../installed.ts';

const ROOT = '.data/packages';

const missing = [
  ...(await missingPackages(ROOT, [...packagesOf('dev'), 'pocketsphinx-testdata'])),
  ...missingPrograms('ffmpeg', 'pocketsphinx_batch'),
];
describe.skipIf(missing.length > 0)(`human clips and the peer${skipNote(missing)}`, () => {
  let clips: HumanClip[];
  beforeAll(async () => {
    clips = await readHumanClips(ROOT, 'dev');
  }, 60_000);

  test('are 20 digits and 52 letters of the dev speakers, each heard by itself in under a second and a half', () => {
    const count = (kind: string): number => clips.filter((clip) => clip.kind === kind).length;
    expect([count('digit'), count('letter')]).toEqual([20, 52]);
    expect([...new Set(clips.map(({ speaker }) => speaker))]).toEqual(['Allison Smith', 'tuxpaint en', 'klettres en']);
    for (const { samples } of clips) {
      expect(samples.length).toBeGreaterThan(0.15 * 16_000);
      expect(samples.length).toBeLessThan(1.5 * 16_000);
    }
  });

  test('agree on nearly all clean digits', async () => {
    const digits = clips.filter(({ kind }) => kind === 'digit');
    const items = humanItems(digits)
      .filter(({ kind }) => kind === 'isolated')
      .map((item, index) => inCondition(item, index, { noise: 'clean', snr: Number.POSITIVE_INFINITY }));
    const heard = await recognizeWithPocketsphinx(items, { packagesDir: ROOT, wordPenalty: 0.003, wordCount: 1 });
    const right = items.filter(({ labels }, index) => heard[index]?.join() === labels.join());
    expect(right.length).toBeGreaterThanOrEqual(18);
  });

  test('write codes of digits, as long as their form is where it is known', async () => {
    const digits = clips.filter(({ kind, speaker }) => kind === 'digit' && speaker === 'tuxpaint en');
    const codes = spokenCodes(digits, 'phone', 6);
    const lengths = async (knowledge: 'none' | 'pattern'): Promise<number[]> => {
      const heard = await codesByPocketsphinx(codes, ROOT, knowledge);
      const { written } = heard as CodesByPeer; // nothing is missing here
      expect(written.filter((text, index) => text === codes[index]!.written).length).toBeGreaterThanOrEqual(4);
      return written.map((text) => text.length);
    };
    expect(await lengths('pattern')).toEqual(codes.map(() => 10));
    expect(await lengths('none')).toHaveLength(6);
    expect([isOfDigits('phone'), isOfDigits('card'), isOfDigits('iban')]).toEqual([true, true, false]);
  });
});
