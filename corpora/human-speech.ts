import { join } from 'node:path';

import { trimmed, withPeak } from './clip.ts';
import { decodeClip, type RawFormat } from './decode.ts';
import { requirePackages, type SpeechPackage } from './packages.ts';

/**
 * `dev` and `extra` speakers are for tuning and choosing, `test` speakers only for reporting a frozen recipe. Nobody has two roles.
 * Not all `extra` speakers say all digits or letters.
 */
export type HumanRole = 'dev' | 'extra' | 'test';

/** One digit or letter said by a person. Never trained on. */
export type HumanClip = {
  readonly speaker: string;
  readonly kind: 'digit' | 'letter';
  /** `0`..`9` or `a`..`z`. */
  readonly label: string;
  /** Samples at 16 kHz, one channel, without silence around the word, largest magnitude 0.5. */
  readonly samples: Float32Array;
};

type ClipSource = {
  readonly speaker: string;
  readonly role: HumanRole;
  readonly kind: HumanClip['kind'];
  readonly source: SpeechPackage;
  readonly rawFormat?: RawFormat;
  /** All of `kind` unless told. */
  readonly labels?: readonly string[];
  /** Path below `usr/share/` of the clip of `label`. */
  readonly fileOf: (label: string) => string;
};

const DIGITS = Array.from('0123456789');
const DIGIT_WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');

const ALLISON = {
  speaker: 'Allison Smith',
  role: 'dev',
  source: 'asterisk-core-sounds-en-g722',
  rawFormat: 'g722',
} as const;
const SCID = { speaker: 'Scid', role: 'extra', source: 'scid-data' } as const;
const TUXPAINT_GB = { speaker: 'tuxpaint en_GB', role: 'test', source: 'tuxpaint-stamps-default' } as const;

const SOURCES: readonly ClipSource[] = [
  { ...ALLISON, kind: 'digit', fileOf: (label) => `asterisk/sounds/en_US_f_Allison/digits/${label}.g722` },
  { ...ALLISON, kind: 'letter', fileOf: (label) => `asterisk/sounds/en_US_f_Allison/letters/${label}.g722` },
  {
    speaker: 'tuxpaint en',
    role: 'dev',
    kind: 'digit',
    source: 'tuxpaint-stamps-default',
    fileOf: (label) => `tuxpaint/stamps/symbols/math/${label}.ogg`,
  },
  {
    speaker: 'klettres en',
    role: 'dev',
    kind: 'letter',
    source: 'klettres-data',
    fileOf: (label) => `klettres/en/alpha/${label.toUpperCase()}.ogg`,
  },
  {
    speaker: 'Cannon Smash',
    role: 'extra',
    kind: 'digit',
    source: 'csmash-data',
    fileOf: (label) => `games/csmash/wav/${DIGIT_WORDS[Number(label)]}.wav`,
  },
  // What a chessboard needs.
  { ...SCID, kind: 'digit', labels: Array.from('12345678'), fileOf: (label) => `scid/sounds/${label}.wav` },
  { ...SCID, kind: 'letter', labels: Array.from('abcdefgh'), fileOf: (label) => `scid/sounds/${label}.wav` },
  {
    speaker: 'GENtle',
    role: 'extra',
    kind: 'letter',
    source: 'gentle',
    fileOf: (label) => `gentle/wav/${label.toUpperCase()}.wav`,
  },
  {
    speaker: 'qABCs',
    role: 'extra',
    kind: 'letter',
    source: 'qabcs-data',
    fileOf: (label) => `qabcs/abcs/en/sounds/alpha/${label}.ogg`,
  },
  {
    speaker: 'David C Dawson',
    role: 'test',
    kind: 'digit',
    source: 'saytime',
    rawFormat: 'mu-law 8 kHz',
    fileOf: (label) => `saytime/${label}.au`,
  },
  { ...TUXPAINT_GB, kind: 'digit', fileOf: (label) => `tuxpaint/stamps/symbols/math/${label}_en_GB.ogg` },
  {
    ...TUXPAINT_GB,
    kind: 'letter',
    fileOf: (label) =>
      `tuxpaint/stamps/symbols/alphabets/english/filled/uppercase/${label.toUpperCase()}_filled_en_GB.ogg`,
  },
  {
    speaker: 'klettres en_GB',
    role: 'test',
    kind: 'letter',
    source: 'klettres-data',
    fileOf: (label) => `klettres/en_GB/alpha/${label}.ogg`,
  },
];

/** Packages that hold the clips of `role`. */
export function packagesOf(role: HumanRole): SpeechPackage[] {
  return [...new Set(SOURCES.filter((each) => each.role === role).map((each) => each.source))];
}

/**
 * The clips of `role` (20 digits and 52 letters; `extra`: 18 and 60) from the packages unpacked under `root`, in a fixed order. Throws
 * `corpora/missing-packages`.
 */
export async function readHumanClips(root: string, role: HumanRole): Promise<HumanClip[]> {
  await requirePackages(root, packagesOf(role));
  const clips: HumanClip[] = [];
  for (const { speaker, kind, rawFormat, labels = kind === 'digit' ? DIGITS : LETTERS, fileOf } of SOURCES.filter(
    (each) => each.role === role,
  )) {
    const decoded = await Promise.all(
      labels.map((label) => decodeClip(join(root, 'usr/share', fileOf(label)), rawFormat)),
    );
    for (const [index, label] of labels.entries()) {
      const samples = withPeak(trimmed(decoded[index]!, 0.02, 0.03), 0.5);
      clips.push({ speaker, kind, label, samples });
    }
  }
  return clips;
}
