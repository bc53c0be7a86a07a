/**
 * Spoken codes with their forms: phone, card and account numbers, plates, bookings and orders, put together of the clips of one speaker as the
 * strings of digits are, and written as forms have them.
 */
import { concatenate } from '../src/tensor/concatenate.ts';
import type { Random } from '../src/tensor/random.ts';
import { CLIP_RATE } from './clip.ts';
import { between, pick, randomFor } from './draw.ts';
import { muLawInPlace } from './effects.ts';
import { asIfSampledAt, type TestItem } from './evaluation-sets.ts';
import type { HumanClip } from './human-speech.ts';

export type CodeForm = {
  /** Symbol by symbol: `d` a digit, `a` a letter, `x` either, `c` a digit that makes the check right; others stand for themselves. */
  readonly shape: string;
  /** A regular expression over what is written. */ readonly pattern: string;
  /** The scheme of its check digits, if it has any. */ readonly check?: 'luhn' | 'mod97';
  /** Symbols of each group in which people say it. */ readonly groups: readonly number[];
};

export type CodeFormName = 'phone' | 'card' | 'iban' | 'plate' | 'booking' | 'order' | 'six';

/** Forms by name. `booking` is free in its six symbols, `six` is not. */
export const CODE_FORMS: Readonly<Record<CodeFormName, CodeForm>> = {
  phone: { shape: 'dddddddddd', pattern: String.raw`\d{10}`, groups: [3, 3, 4] },
  card: { shape: 'dddddddddddddddc', pattern: String.raw`\d{16}`, check: 'luhn', groups: [4, 4, 4, 4] },
  iban: {
    shape: 'GBccaaaadddddddddddddd',
    pattern: String.raw`GB\d{2}[A-Z]{4}\d{14}`,
    check: 'mod97',
    groups: [4, 4, 4, 4, 4, 2],
  },
  plate: { shape: 'aaddaaa', pattern: String.raw`[A-Z]{2}\d{2}[A-Z]{3}`, groups: [4, 3] },
  booking: { shape: 'xxxxxx', pattern: '[A-Z0-9]{6}', groups: [3, 3] },
  order: { shape: 'aadddddd', pattern: String.raw`[A-Z]{2}\d{6}`, groups: [2, 6] },
  six: { shape: 'aadddd', pattern: String.raw`[A-Z]{2}\d{4}`, groups: [2, 4] },
};

export const CODE_FORM_NAMES: readonly CodeFormName[] = ['phone', 'card', 'iban', 'plate', 'booking', 'order', 'six'];

/** A code as somebody said it. */
export type SpokenCode = TestItem & {
  readonly form: CodeFormName;
  /** What is written in a form: digits and capital letters. */ readonly written: string;
};

export type SpokenCodesOptions = {
  readonly form: CodeFormName;
  /** Codes of each speaker. */ readonly count: number;
  /** Whether people pause for up to two seconds between groups, instead of for up to 0.3 s. */ readonly isGrouped: boolean;
  /** Whether check digits are right, of the scheme of the form. */ readonly isValid: (
    scheme: 'luhn' | 'mod97',
    written: string,
  ) => boolean;
};

const SEED = 31;
const PADDING = new Float32Array(0.25 * CLIP_RATE);
const GAP_SECONDS = { shortest: 0.05, longest: 0.3 };
const PAUSE_SECONDS = { shortest: 0.5, longest: 2 };
const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** `count` codes of the form by each speaker who says all that it can have, the same codes in the same order for the same form. */
export function spokenCodes(clips: readonly HumanClip[], options: SpokenCodesOptions): SpokenCode[] {
  const { form, count } = options;
  const speakers = [...new Set(clips.map(({ speaker }) => speaker))];
  return speakers.flatMap((speaker) => {
    const own = clipsBySymbol(clips.filter((clip) => clip.speaker === speaker));
    if (!Array.from(symbolsOf(CODE_FORMS[form])).every((symbol) => own.has(symbol))) return [];
    return Array.from({ length: count }, (_, index) => spokenCode(speaker, own, options, index));
  });
}

/** The form's codes that nobody says in a set, for a list of valid ones: `count` of them, all different, drawn by `seed`. */
export function drawnCodes(
  { form, isValid }: Pick<SpokenCodesOptions, 'form' | 'isValid'>,
  count: number,
  seed: number,
): string[] {
  const random = randomFor(SEED, 2, seed);
  const drawn = new Set<string>();
  while (drawn.size < count) drawn.add(drawCode(CODE_FORMS[form], isValid, random));
  return [...drawn];
}

/** The codes over a telephone: 8 kHz, mu-law, and one packet of 20 ms in fifty lost. */
export function overTelephone(codes: readonly SpokenCode[]): SpokenCode[] {
  return asIfSampledAt(codes, TELEPHONE_RATE).map((sampled, index) => {
    const samples = sampled.samples.slice();
    muLawInPlace(samples);
    const random = randomFor(SEED, 3, index);
    for (let start = 0; start < samples.length; start += PACKET_SAMPLES) {
      if (random.uniform() < LOSS) samples.fill(0, start, start + PACKET_SAMPLES);
    }
    return { ...codes[index]!, samples };
  });
}

const TELEPHONE_RATE = 8_000;
const PACKET_SAMPLES = 0.02 * CLIP_RATE;
const LOSS = 0.02;

function clipsBySymbol(clips: readonly HumanClip[]): Map<string, HumanClip[]> {
  const own = new Map<string, HumanClip[]>();
  for (const clip of clips) {
    const symbol = clip.label.toUpperCase();
    own.set(symbol, [...(own.get(symbol) ?? []), clip]);
  }
  return own;
}

/** Every symbol that a code of the form can have. */
function symbolsOf({ shape }: CodeForm): Set<string> {
  return new Set(Array.from(shape).flatMap((place) => Array.from(choicesAt(place))));
}

function choicesAt(place: string): string {
  switch (place) {
    case 'd':
    case 'c':
      return DIGITS;
    case 'a':
      return LETTERS;
    case 'x':
      return LETTERS + DIGITS;
    default:
      return place;
  }
}

/** A code of the form; check digits are tried until they are right. */
function drawCode(form: CodeForm, isValid: SpokenCodesOptions['isValid'], random: Random): string {
  const { shape, check } = form;
  const drawn = Array.from(shape, (place) => pick(random, Array.from(choicesAt(place))));
  if (check === undefined) return drawn.join('');
  const places = Array.from(shape).flatMap((place, index) => (place === 'c' ? [index] : []));
  for (let tried = 0; tried < 10 ** places.length; tried++) {
    const digits = String(tried).padStart(places.length, '0');
    for (const [index, place] of places.entries()) drawn[place] = digits[index]!;
    if (isValid(check, drawn.join(''))) return drawn.join('');
  }
  return drawCode(form, isValid, random); // 97 has no two digits for a few
}

function spokenCode(
  speaker: string,
  own: ReadonlyMap<string, readonly HumanClip[]>,
  { form, isGrouped, isValid }: SpokenCodesOptions,
  index: number,
): SpokenCode {
  const written = drawCode(CODE_FORMS[form], isValid, randomFor(SEED, 0, CODE_FORM_NAMES.indexOf(form), index));
  const random = randomFor(SEED, 1, CODE_FORM_NAMES.indexOf(form), index);
  const starts = new Set<number>();
  let place = 0;
  for (const size of CODE_FORMS[form].groups) {
    if (place > 0) starts.add(place);
    place += size;
  }
  const labels: string[] = [];
  const parts = Array.from(written).flatMap((symbol, at) => {
    const clip = pick(random, own.get(symbol)!); // the speaker says all of the form
    labels.push(clip.label);
    const range = isGrouped && starts.has(at) ? PAUSE_SECONDS : GAP_SECONDS;
    const gap = between(random, range.shortest, range.longest);
    return at === 0 ? [clip.samples] : [new Float32Array(Math.round(gap * CLIP_RATE)), clip.samples];
  });
  return {
    kind: 'connected',
    form,
    speaker,
    labels,
    written,
    samples: concatenate([PADDING, ...parts, PADDING]),
  };
}
