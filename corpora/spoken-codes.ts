/**
 * Spoken codes with their forms: phone, card and account numbers, plates, bookings and orders, put together of the clips of one speaker as the
 * strings of digits are, and written as forms have them.
 */
import { type CheckName, satisfiesCheck } from '../src/grammar/check-digits.ts';
import { concatenate } from '../src/tensor/concatenate.ts';
import type { Random } from '../src/tensor/random.ts';
import { CLIP_RATE } from './clip.ts';
import { between, integerBetween, pick, randomFor } from './draw.ts';
import { muLawInPlace } from './effects.ts';
import { asIfSampledAt, type TestItem } from './evaluation-sets.ts';
import type { HumanClip } from './human-speech.ts';

export type SpokenForm = {
  /** Symbol by symbol: `d` a digit, `a` a letter, `x` either, `c` a digit that makes the check right; others stand for themselves. */
  readonly shape: string;
  /** A regular expression over what is written. */ readonly pattern: string;
  /** The scheme of its check digits, if it has any. */ readonly check?: CheckName;
};

export type CodeFormName = 'phone' | 'card' | 'iban' | 'plate' | 'booking' | 'order' | 'six';

/** Forms by name. `booking` is free in its six symbols, `six` is not. */
export const CODE_FORMS: Readonly<Record<CodeFormName, SpokenForm>> = {
  phone: { shape: 'dddddddddd', pattern: String.raw`\d{10}` },
  card: { shape: 'dddddddddddddddc', pattern: String.raw`\d{16}`, check: 'luhn' },
  iban: {
    shape: 'GBccaaaadddddddddddddd',
    pattern: String.raw`GB\d{2}[A-Z]{4}\d{14}`,
    check: 'mod97',
  },
  plate: { shape: 'aaddaaa', pattern: String.raw`[A-Z]{2}\d{2}[A-Z]{3}` },
  booking: { shape: 'xxxxxx', pattern: '[A-Z0-9]{6}' },
  order: { shape: 'aadddddd', pattern: String.raw`[A-Z]{2}\d{6}` },
  six: { shape: 'aadddd', pattern: String.raw`[A-Z]{2}\d{4}` },
};

export const CODE_FORM_NAMES: readonly CodeFormName[] = ['phone', 'card', 'iban', 'plate', 'booking', 'order', 'six'];

/** A code as somebody said it. */
export type SpokenCode = TestItem & {
  readonly form: CodeFormName;
  /** What is written in a form: digits and capital letters. */ readonly written: string;
};

const SEED = 31;
const PADDING = new Float32Array(0.25 * CLIP_RATE);
const GAP_SECONDS = { shortest: 0.05, longest: 0.3 };
const GROUP_SYMBOLS = { fewest: 3, most: 5 };
const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Seconds of a pause between two groups of a code. */
export type Pauses = { readonly shortest: number; readonly longest: number };

/**
 * `count` codes of the form by each speaker who says all that it can have; all speakers say the same ones. With `pauses` they say them in groups of three to
 * five symbols.
 */
export function spokenCodes(
  clips: readonly HumanClip[],
  form: CodeFormName,
  count: number,
  pauses?: Pauses,
): SpokenCode[] {
  const speakers = [...new Set(clips.map(({ speaker }) => speaker))];
  return speakers.flatMap((speaker) => {
    const own = clipsBySymbol(clips.filter((clip) => clip.speaker === speaker));
    if (!Array.from(symbolsOf(CODE_FORMS[form])).every((symbol) => own.has(symbol))) return [];
    return Array.from({ length: count }, (_, index) => spokenCode(speaker, own, { form, index, pauses }));
  });
}

/** `count` codes of the form, all different, for a list of valid ones. */
export function drawnCodes(form: CodeFormName, count: number): string[] {
  const random = randomFor(SEED, 2);
  const drawn = new Set<string>();
  while (drawn.size < count) drawn.add(drawCode(CODE_FORMS[form], random));
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
function symbolsOf({ shape }: SpokenForm): Set<string> {
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

/** A code of the form. Every scheme has check digits for whatever stands beside them: the first that are right. */
function drawCode({ shape, check }: SpokenForm, random: Random): string {
  const drawn = Array.from(shape, (place) => pick(random, Array.from(choicesAt(place))));
  const places = Array.from(shape).flatMap((place, index) => (place === 'c' ? [index] : []));
  const isRight = (): boolean => check === undefined || satisfiesCheck(check, drawn.join(''));
  for (let tried = 0; !isRight(); tried++) {
    const digits = String(tried).padStart(places.length, '0');
    for (const [index, place] of places.entries()) drawn[place] = digits[index]!;
  }
  return drawn.join('');
}

function spokenCode(
  speaker: string,
  own: ReadonlyMap<string, readonly HumanClip[]>,
  { form, index, pauses }: { readonly form: CodeFormName; readonly index: number; readonly pauses: Pauses | undefined },
): SpokenCode {
  const written = drawCode(CODE_FORMS[form], randomFor(SEED, 0, CODE_FORM_NAMES.indexOf(form), index));
  const random = randomFor(SEED, 1, CODE_FORM_NAMES.indexOf(form), index);
  const said = Array.from(written, (symbol) => pick(random, own.get(symbol)!)); // the speaker says all of the form
  const grouping = randomFor(SEED, 4, CODE_FORM_NAMES.indexOf(form), index);
  let groupEnd = integerBetween(grouping, GROUP_SYMBOLS.fewest, GROUP_SYMBOLS.most);
  const parts = said.flatMap(({ samples }, at) => {
    let gap = at === 0 ? 0 : between(random, GAP_SECONDS.shortest, GAP_SECONDS.longest);
    if (pauses !== undefined && at === groupEnd) {
      gap = between(grouping, pauses.shortest, pauses.longest);
      groupEnd += integerBetween(grouping, GROUP_SYMBOLS.fewest, GROUP_SYMBOLS.most);
    }
    return [new Float32Array(Math.round(gap * CLIP_RATE)), samples];
  });
  return {
    kind: 'connected',
    form,
    speaker,
    labels: said.map(({ label }) => label),
    written,
    samples: concatenate([PADDING, ...parts, PADDING]),
  };
}
