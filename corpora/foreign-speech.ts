/**
 * People who speak other languages than English, with what they say: recordings and texts of Debian packages. None of it may be redistributed
 * with this project.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import type { RawFormat } from './decode.ts';
import { filesUnder, testBabbleFiles } from './noise.ts';
import { requirePackages } from './packages.ts';

/** A recording, and its text as it is written. */
export type ForeignClip = {
  readonly speaker: string;
  /** As espeak-ng names its voice, for example `cs`. */ readonly language: string;
  readonly file: string;
  readonly rawFormat?: RawFormat;
  readonly text: string;
};

/** Prompts of telephones. The Spanish ones are not among them: it is Allison Smith who speaks them, on whom choices are made. */
const PROMPTS = [
  { language: 'fr', folder: 'fr_CA_f_June' },
  { language: 'it', folder: 'it_IT_m_Carlo' },
  { language: 'ru', folder: 'ru_RU_f_IvrvoiceRU' },
] as const;
/** Dialogue of a game. */
const DIALOGUES = ['cs', 'nl'] as const;
/** Descriptions of pictures. */
const DESCRIPTIONS = ['bg', 'ca', 'da', 'el', 'es', 'fr', 'ro', 'ru'] as const;

/** What is no speech, or is said otherwise than written. */
const UNSPOKEN = /\[|\(|silence|beep|bip|tone/i;
const LINE = /dialogId\("([^"]+)",\s*"[^"]*",\s*"(?:[^"\\]|\\.)*"\)\s*dialogStr\("((?:[^"\\]|\\.)*)"\)/g;

/**
 * All recordings under `root` in a fixed order, but for those that are heard in the babble of noisy evaluations. Throws
 * `corpora/missing-packages`.
 */
export async function foreignClips(root: string): Promise<ForeignClip[]> {
  await requirePackages(root, [
    'asterisk-core-sounds-fr',
    'asterisk-core-sounds-fr-g722',
    'asterisk-core-sounds-it',
    'asterisk-core-sounds-it-g722',
    'asterisk-core-sounds-ru',
    'asterisk-core-sounds-ru-g722',
    'fillets-ng-data',
    'fillets-ng-data-cs',
    'fillets-ng-data-nl',
    'tuxpaint-stamps-default',
  ]);
  const share = join(root, 'usr/share');
  const heldOut = await testBabbleFiles(root);
  const all = [
    ...(await Promise.all(PROMPTS.map((each) => prompts(share, each)))),
    ...(await Promise.all(DIALOGUES.map((language) => dialogue(share, language)))),
    ...(await Promise.all(DESCRIPTIONS.map((language) => descriptions(share, language)))),
  ].flat();
  return all.filter(({ file }) => !heldOut.has(file));
}

async function prompts(share: string, { language, folder }: (typeof PROMPTS)[number]): Promise<ForeignClip[]> {
  const packed = await readFile(join(share, `doc/asterisk-core-sounds-${language}/core-sounds-${language}.txt.gz`));
  const sounds = join(share, 'asterisk/sounds', folder);
  const files = new Set(await filesUnder(sounds, '.g722'));
  const lines = gunzipSync(packed).toString('utf8').split('\n');
  return lines.flatMap((line) => {
    const [, key, text] = /^([^;:]+): (.+)$/.exec(line.trim()) ?? [];
    if (key === undefined || text === undefined || UNSPOKEN.test(text)) return [];
    const file = join(sounds, `${key}.g722`);
    return files.has(file) ? [{ speaker: folder, language, file, rawFormat: 'g722', text } as const] : [];
  });
}

/** Lines of the two main actors by their letters, those of all others together. */
async function dialogue(share: string, language: (typeof DIALOGUES)[number]): Promise<ForeignClip[]> {
  const game = join(share, 'games/fillets-ng');
  const sounds = new Set(await filesUnder(join(game, 'sound'), '.ogg', `/${language}/`));
  const scripts = await filesUnder(join(game, 'script'), `dialogs_${language}.lua`);
  const clips = scripts.map(async (script) => {
    const lines = (await readFile(script, 'utf8')).matchAll(LINE);
    return [...lines].flatMap(([, id = '', text = '']) => {
      const file = join(game, 'sound', basename(dirname(script)), language, `${id}.ogg`);
      const actor = /^[^-]+-([mv])-/.exec(id)?.[1] ?? 'others';
      const written = text.replaceAll('\\"', '').replaceAll('\\n', ' ');
      return sounds.has(file) ? [{ speaker: `fillets ${language} ${actor}`, language, file, text: written }] : [];
    });
  });
  return (await Promise.all(clips)).flat();
}

async function descriptions(share: string, language: (typeof DESCRIPTIONS)[number]): Promise<ForeignClip[]> {
  const ending = `_desc_${language}.ogg`;
  const stamps = join(share, 'tuxpaint/stamps');
  const texts = new Set(await filesUnder(stamps, '.txt'));
  const clips = (await filesUnder(stamps, ending)).map(async (file) => {
    const written = `${file.slice(0, -ending.length)}.txt`;
    if (!texts.has(written)) return [];
    const text = new RegExp(`^${language}\\.utf8=(.+)$`, 'm').exec(await readFile(written, 'utf8'))?.[1];
    return text === undefined ? [] : [{ speaker: `tuxpaint ${language}`, language, file, text }];
  });
  return (await Promise.all(clips)).flat();
}
