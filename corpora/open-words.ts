/** Words that no training has read aloud, said by people whom no training has heard: sets to choose from by their text. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { CLIP_RATE, trimmed, withPeak } from './clip.ts';
import { decodeClips } from './decode.ts';
import { between, pick, randomFor } from './draw.ts';
import { type TestItem, testItem } from './evaluation-sets.ts';
import { type HumanClip, readHumanClips } from './human-speech.ts';
import { requirePackages } from './packages.ts';

export type PhraseSet = {
  readonly name: string;
  /** What may be said: the truth is among them. */ readonly candidates: readonly string[];
  /** Labels are candidates: one of an isolated item, several of a connected one. */ readonly items: readonly TestItem[];
};

const ALLISON = 'Allison Smith';
const SOUNDS = 'usr/share/asterisk/sounds/en_US_f_Allison';
const PROMPTS = 'usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz';
const OBJECTS = 'usr/share/ktuberling/sounds';
/** Objects whose names are written in one word, or wrongly, where they are listed. */
const RESPELLED: Readonly<Record<string, string>> = {
  fallingstar: 'falling star',
  palmtree: 'palm tree',
  brocolli: 'broccoli',
  ufo: 'u f o',
};
const DIGIT_WORDS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const LONGEST_PROMPT_SECONDS = 5.5;
const SEED = 20_26;
const STRINGS = 40;
const STRING_WORDS = { fewest: 4, most: 6 };
const GAP_SECONDS = { shortest: 0.05, longest: 0.3 };

/** All sets, from the packages under `root`, in a fixed order. Throws `corpora/missing-packages`. */
export async function readPhraseSets(root: string): Promise<PhraseSet[]> {
  await requirePackages(root, ['asterisk-core-sounds-en', 'asterisk-core-sounds-en-g722', 'ktuberling-data']);
  const clips = (
    await Promise.all((['dev', 'extra', 'test'] as const).map((role) => readHumanClips(root, role)))
  ).flat();
  const prompts = await readPrompts(root);
  const alphabet = await closed(root, 'alphabet', prompts, (key) => /^phonetic\/[a-z]_p$/.test(key));
  const objects = await readObjects(root);
  return [
    ofClips('digits', clips, 'digit', (label) => DIGIT_WORDS[Number(label)]!, ['oh']),
    ofClips('letters', clips, 'letter', (label) => label),
    await closed(root, 'numbers', prompts, (key) =>
      /^digits\/(\d|1\d|[2-9]0|hundred|thousand|million|billion)$/.test(key),
    ),
    await closed(root, 'days and months', prompts, (key) => /^digits\/(day-[0-6]|mon-(\d|1[01]))$/.test(key)),
    alphabet,
    objects,
    await readPhrases(root, prompts),
    strings('alphabet in a row', alphabet, 1),
    strings('objects in a row', objects, 2),
  ];
}

function ofClips(
  name: string,
  clips: readonly HumanClip[],
  kind: HumanClip['kind'],
  textOf: (label: string) => string,
  others: readonly string[] = [],
): PhraseSet {
  const items = clips
    .filter((clip) => clip.kind === kind)
    .map(({ speaker, label, samples }) => testItem('isolated', speaker, [textOf(label)], [samples]));
  return { name, candidates: [...candidatesOf(items), ...others], items };
}

/** Texts of the prompts by their names. */
async function readPrompts(root: string): Promise<Map<string, string>> {
  const lines = gunzipSync(await readFile(join(root, PROMPTS)))
    .toString('utf8')
    .split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, key, text] = /^([^;:]+): (.+)$/.exec(line.trim()) ?? [];
      return key === undefined || text === undefined ? [] : [[key, text] as const];
    }),
  );
}

async function closed(
  root: string,
  name: string,
  prompts: ReadonlyMap<string, string>,
  isOf: (key: string) => boolean,
): Promise<PhraseSet> {
  const keys = [...prompts.keys()].filter(isOf).toSorted();
  const items = await readItems(
    keys.map((key) => ({ text: spoken(prompts.get(key)!), file: join(root, SOUNDS, `${key}.g722`) })),
  );
  return { name, candidates: candidatesOf(items), items };
}

/** What is said in `items`, each once, in alphabetical order. */
function candidatesOf(items: readonly TestItem[]): string[] {
  return [...new Set(items.flatMap(({ labels }) => labels))].toSorted();
}

/** Prompts of two words or more, without digits, that are not too long; of those with the same text the first. */
async function readPhrases(root: string, prompts: ReadonlyMap<string, string>): Promise<PhraseSet> {
  const texts = new Map<string, string>();
  for (const key of [...prompts.keys()].toSorted()) {
    const text = spoken(prompts.get(key)!);
    const isSpoken = !/[[(\d]/.test(prompts.get(key)!) && text.includes(' ') && !key.startsWith('letters/');
    if (isSpoken && !texts.has(text)) texts.set(text, key);
  }
  const found = await readItems([...texts].map(([text, key]) => ({ text, file: join(root, SOUNDS, `${key}.g722`) })));
  const items = found.filter(({ samples }) => samples.length < (LONGEST_PROMPT_SECONDS + 0.5) * CLIP_RATE);
  return { name: 'phrases', candidates: candidatesOf(items), items };
}

async function readItems(listed: readonly { readonly text: string; readonly file: string }[]): Promise<TestItem[]> {
  const items: TestItem[] = [];
  let index = 0;
  for await (const clip of decodeClips(
    listed.map(({ file }) => file),
    'g722',
  )) {
    const { text } = listed[index++]!; // a clip each
    items.push(testItem('isolated', ALLISON, [text], [withPeak(trimmed(clip, 0.02, 0.03), 0.5)]));
  }
  return items;
}

/** Objects of a game that asks for them by their names. */
async function readObjects(root: string): Promise<PhraseSet> {
  const theme = await readFile(join(root, OBJECTS, 'en.soundtheme'), 'utf8');
  const listed = [...theme.matchAll(/name="([^"]+)"\s+file="([^"]+)"/g)].map(([, name = '', file = '']) => {
    const word = name.split('_').at(-1) ?? name;
    return { text: RESPELLED[word] ?? word, file: join(root, OBJECTS, file) };
  });
  const items: TestItem[] = [];
  let index = 0;
  for await (const clip of decodeClips(listed.map(({ file }) => file))) {
    const { text } = listed[index++]!; // a clip each
    if (clip.length < 0.2 * CLIP_RATE) continue; // silence where there is no recording
    items.push(testItem('isolated', 'ktuberling', [text], [withPeak(trimmed(clip, 0.02, 0.03), 0.5)]));
  }
  return { name: 'objects', candidates: candidatesOf(items), items };
}

/** Strings of what `set` has one by one, with gaps between. */
function strings(name: string, { candidates, items }: PhraseSet, seed: number): PhraseSet {
  const made = Array.from({ length: STRINGS }, (_, number) => {
    const random = randomFor(SEED, seed, number);
    const count = STRING_WORDS.fewest + random.integer(STRING_WORDS.most - STRING_WORDS.fewest + 1);
    const said = Array.from({ length: count }, () => pick(random, items));
    const parts = said.flatMap(({ samples }, place) => {
      const gap = place === 0 ? 0 : between(random, GAP_SECONDS.shortest, GAP_SECONDS.longest);
      return [new Float32Array(Math.round(gap * CLIP_RATE)), trimmed(samples, 0.02, 0.03)];
    });
    const labels = said.flatMap((one) => one.labels);
    return testItem('connected', items[0]!.speaker, labels, parts); // of one speaker
  });
  return { name, candidates, items: made };
}

/** A text as it is spoken: small letters and apostrophes. */
function spoken(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9' ]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Of an isolated phrase its text is right or wrong as a whole; of several in a row the words are counted. */
export function wordsOf(kind: 'isolated' | 'connected', phrases: readonly string[]): string[] {
  const texts = phrases.filter((text) => text !== '');
  return kind === 'isolated' ? texts : texts.flatMap((text) => text.split(' '));
}
