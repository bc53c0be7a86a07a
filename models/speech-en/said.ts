/** What is said in an utterance of synthesised English: a piece of text, or a code as people say it. */
import { chance, integerBetween, pick } from '../../corpora/draw.ts';
import type { Random } from '../../src/tensor/random.ts';
import { DIGIT_WORDS, LETTERS } from '../codes-en/words.ts';
import type { Texts } from './texts.ts';
import { ALPHABET_WORDS, CORRECTIONS, SIGNS, SPOKEN_WORDS, TEENS, TENS } from './words.ts';

/** `code`: words that all have a label; else a text, which the head of words learns nothing of. */
export type Said =
  | { readonly kind: 'code'; readonly words: readonly string[] }
  | { readonly kind: 'text'; readonly text: string };

const COMMANDS = ['{v} the {n}', '{v} {n}', 'please {v} the {n}', '{v} it', '{v} {n} {d}'];
const VERBS = (
  'open close start stop pause play turn call send delete save move copy select show hide lock unlock check read write add ' +
  'remove set reset go find search'
).split(' ');
const THINGS = (
  'door window light music phone message file folder mail timer alarm list page screen camera volume channel line account ' +
  'number password menu system engine robot kitchen bedroom garden'
).split(' ');
const NUMBERS = [...TEENS, ...TENS, ...DIGIT_WORDS, 'hundred', 'thousand', 'million'];

/** "For" sounds as "four": it is told from it by what stands around it. */
const LONE_WORDS = SPOKEN_WORDS.filter((word) => word !== 'for');

/** Draws what is said next, never a text that is held out. */
export function drawSaid(random: Random, texts: Texts): Said {
  for (;;) {
    const said = draw(random, texts);
    if (said.kind === 'code' || !texts.isHeldOut(said.text)) return said;
  }
}

function draw(random: Random, { sentences, common, dictionary }: Texts): Said {
  const kind = random.uniform();
  if (kind < 0.3) return { kind: 'text', text: cut(random, pick(random, sentences)) };
  if (kind < 0.46) return { kind: 'text', text: some(random, dictionary, 3).join(' ') };
  if (kind < 0.58) return { kind: 'text', text: some(random, common, 3).join(' ') };
  if (kind < 0.65) return { kind: 'text', text: command(random) };
  if (kind < 0.69) return { kind: 'text', text: some(random, NUMBERS, 3).join(' ') };
  if (kind < 0.79) return { kind: 'code', words: some(random, DIGIT_WORDS, pick(random, [1, 1, 3, 5, 7])) };
  if (kind < 0.88) return { kind: 'code', words: some(random, LETTERS, pick(random, [1, 1, 3, 5])) };
  if (kind < 0.92) return { kind: 'code', words: some(random, ALPHABET_WORDS, pick(random, [1, 1, 2, 5])) };
  if (kind < 0.94) return { kind: 'code', words: [pick(random, LONE_WORDS)] };
  return { kind: 'code', words: spokenCode(random) };
}

/** Three to nine words in a row of a longer sentence. */
function cut(random: Random, sentence: string): string {
  const words = sentence.split(' ');
  if (words.length <= 9) return sentence;
  const count = integerBetween(random, 3, 9);
  const first = random.integer(words.length - count + 1);
  return words
    .slice(first, first + count)
    .join(' ')
    .replaceAll(/^[\s,-]+|[\s,-]+$/g, '');
}

/** One to `most` of `choices`. */
function some(random: Random, choices: readonly string[], most: number): string[] {
  return Array.from({ length: integerBetween(random, 1, most) }, () => pick(random, choices));
}

function command(random: Random): string {
  return pick(random, COMMANDS)
    .replace('{v}', pick(random, VERBS))
    .replace('{n}', pick(random, THINGS))
    .replace('{d}', pick(random, DIGIT_WORDS));
}

/** Two to five pieces of a code, at times with one said wrong and again. */
function spokenCode(random: Random): string[] {
  const pieces = Array.from({ length: integerBetween(random, 2, 5) }, () => piece(random));
  if (!chance(random, 0.15)) return pieces.flat();
  const place = 1 + random.integer(pieces.length);
  return [...pieces.slice(0, place), [pick(random, CORRECTIONS)], piece(random), ...pieces.slice(place)].flat();
}

function piece(random: Random): string[] {
  const digit = pick(random, DIGIT_WORDS);
  const letter = random.integer(LETTERS.length);
  const [small, named] = [LETTERS[letter]!, ALPHABET_WORDS[letter]!]; // both have 26
  const single = chance(random, 0.6) ? digit : small;
  const kind = random.uniform();
  if (kind < 0.2) return [digit];
  if (kind < 0.35) return [small];
  if (kind < 0.45) return [named];
  if (kind < 0.6) return [pick(random, ['double', 'double', 'triple']), single];
  if (kind < 0.7) return [pick(random, TEENS)];
  if (kind < 0.8) return chance(random, 0.4) ? [pick(random, TENS)] : [pick(random, TENS), digit];
  if (kind < 0.85) return [digit, pick(random, ['hundred', 'thousand'])];
  if (kind < 0.93) return [pick(random, SIGNS)];
  if (kind < 0.95) return ['capital', small];
  return chance(random, 0.5) ? [small, 'for', named] : [small, 'as', 'in', named];
}
