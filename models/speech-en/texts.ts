/** English texts that are read to the model by synthesisers, and those that never are: what it is tested on. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { filesUnder } from '../../corpora/noise.ts';
import { requirePackages } from '../../corpora/packages.ts';
import { hasCmudict, installCmudict, readCmudict } from '../../corpora/pronunciations/cmudict.ts';

export type Texts = {
  /** Dialogue of a game and descriptions of pictures, two words or more. */ readonly sentences: readonly string[];
  /** Words of these sentences. */ readonly common: readonly string[];
  /** Words of the CMU Pronouncing Dictionary. */ readonly dictionary: readonly string[];
  /** Whether a text is one that the model is tested on. */ readonly isHeldOut: (text: string) => boolean;
};

/** Texts of test sets beside the prompts of Asterisk: days, months, and the objects of a game that ask for their names. */
const HELD_OUT_WORDS = (
  'sunday monday tuesday wednesday thursday friday saturday january february march april may june july august september ' +
  'october december alien anchovy arch astronaut bacon ball bicycle birds bow boy bridge broccoli camel car cart cheese coat ' +
  'column cucumber cyclist donkey ear earring earth eye eyebrow flower girl grass hair hat man monster moonwalker moustache ' +
  'mouth mushroom nose oasis olive onion oregano pepper pepperoni pineapple planet pyramid radar road rocket salami satellite ' +
  'shoe shorts sign skirt spectacles sphynx star stick sunglasses tie tomato train umbrella well woman'
).split(' ');
const HELD_OUT_PHRASES = ['falling star', 'palm tree', 'u f o'];

const PROMPTS = 'usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz';
/** A line of a dialogue in Lua, whose third argument is English. */
const DIALOGUE = /dialogId\("[^"]+",\s*"[^"]*",\s*"((?:[^"\\]|\\.)*)"\)/g;

/** Reads all texts from the packages under `root`. Throws `corpora/missing-packages`. */
export async function readTexts(root: string): Promise<Texts> {
  await requirePackages(root, ['asterisk-core-sounds-en', 'fillets-ng-data', 'tuxpaint-stamps-default']);
  if (!(await hasCmudict())) await installCmudict();
  const heldOut = new Set([...HELD_OUT_WORDS, ...HELD_OUT_PHRASES, ...(await promptsUnder(root))].map(plain));
  const isHeldOut = (text: string): boolean => heldOut.has(plain(text));
  const written = [...(await dialogues(root)), ...(await descriptions(root))];
  const sentences = [...new Set(written.map(readable))].filter(
    (text) => text.split(' ').length > 1 && !isHeldOut(text),
  );
  const words = new Set(sentences.flatMap((text) => text.toLowerCase().match(/[a-z']{2,}/g) ?? []));
  const dictionary = (await readCmudict()).map(({ word }) => word).filter((word) => /^[a-z]{3,}$/.test(word));
  const isFree = (word: string): boolean => !isHeldOut(word);
  return {
    sentences: sentences.toSorted(),
    common: [...words].filter(isFree).toSorted(),
    dictionary: dictionary.filter(isFree),
    isHeldOut,
  };
}

/** What two texts that sound the same have in common. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9']+/g, ' ')
    .trim();
}

/** Letters and the punctuation that a synthesiser goes by. */
function readable(text: string): string {
  return text
    .replaceAll('\\"', '')
    .replaceAll(/[^A-Za-z',.?! -]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

async function promptsUnder(root: string): Promise<string[]> {
  const lines = gunzipSync(await readFile(join(root, PROMPTS)))
    .toString('utf8')
    .split('\n');
  return lines.flatMap((line) => (line.startsWith(';') ? [] : line.split(': ').slice(1, 2)));
}

async function dialogues(root: string): Promise<string[]> {
  const files = await filesUnder(join(root, 'usr/share/games/fillets-ng/script'), '.lua', 'dialogs_');
  const scripts = await Promise.all(
    files.filter((file) => /_(cs|nl|en)\.lua$/.test(file)).map((file) => readFile(file)),
  );
  return scripts.flatMap((script) => [...script.toString('utf8').matchAll(DIALOGUE)].map(([, text = '']) => text));
}

async function descriptions(root: string): Promise<string[]> {
  const files = await filesUnder(join(root, 'usr/share/tuxpaint/stamps'), '.txt');
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts.map((text) => text.split('\n')[0] ?? '');
}
