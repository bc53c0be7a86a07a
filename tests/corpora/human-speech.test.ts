import { beforeAll, describe, expect, test } from 'vitest';

import { type HumanClip, type HumanRole, packagesOf, readHumanClips } from '../../corpora/human-speech.ts';
import { missingPackages } from '../../corpora/packages.ts';
import { missingPrograms, skipNote } from '../installed.ts';

const ROOT = '.data/packages';
const ROLES: readonly HumanRole[] = ['dev', 'extra', 'test'];
const missing = [...(await missingPackages(ROOT, ROLES.flatMap(packagesOf))), ...missingPrograms('ffmpeg')];

describe.skipIf(missing.length > 0)(`human speech${skipNote(missing)}`, () => {
  let clips: Record<HumanRole, readonly HumanClip[]>;

  beforeAll(async () => {
    const [dev, extra, held] = await Promise.all(ROLES.map((role) => readHumanClips(ROOT, role)));
    clips = { dev, extra, test: held } as typeof clips; // one for each role
  }, 600_000);

  test('gives nobody two roles', () => {
    const speakers = ROLES.flatMap((role) => [...new Set(clips[role].map(({ speaker }) => speaker))]);
    expect(new Set(speakers).size).toBe(speakers.length);
  });

  test.each([
    ['dev', 20, 52],
    ['extra', 18, 60],
    ['test', 20, 52],
  ] as const)('%s speakers say %i digits and %i letters, each a word long', (role, digits, letters) => {
    expect(clips[role].filter(({ kind }) => kind === 'digit').length).toBe(digits);
    expect(clips[role].filter(({ kind }) => kind === 'letter').length).toBe(letters);
    for (const { samples } of clips[role]) {
      expect(samples.length).toBeGreaterThan(0.15 * 16_000);
      expect(samples.length).toBeLessThan(2.5 * 16_000);
    }
  });
});
