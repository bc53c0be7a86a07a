/** Human speech of other languages as the phones that espeak-ng's voices of these languages say for its texts. */
import { decodeClips, type RawFormat } from '../../corpora/decode.ts';
import { type ForeignClip, foreignClips } from '../../corpora/foreign-speech.ts';
import { phonesOfIpa } from '../../corpora/pronunciations/phone-set.ts';
import { hasSoundBank, writeSoundBank } from '../../corpora/sound-bank.ts';
import { pronounceEspeak } from '../../corpora/synthesis/espeak.ts';
import { keptSpeech, type Spoken } from './spoken.ts';

export type OtherLanguagesOptions = {
  readonly folder: string;
  /** Where the packages are unpacked. */ readonly root: string;
  /** The most recordings; fewer for tests. */ readonly most?: number;
  readonly onProgress?: (done: number, total: number) => void;
};

/** The narrator whose speech is only validated on. */
const HELD_OUT_SPEAKER = 'tuxpaint da';
/** Recordings that are worked on at once. */
const GROUP = 300;

/** Writes the bank in `folder` unless it is there. Throws `corpora/missing-packages` and `corpora/missing-program`. */
export async function collectOtherLanguages(options: OtherLanguagesOptions): Promise<void> {
  const { folder, root, most = Number.POSITIVE_INFINITY, onProgress } = options;
  if (await hasSoundBank(folder)) return;
  const clips = spreadOut(await foreignClips(root), most);
  async function* all(): AsyncGenerator<Spoken> {
    let done = 0;
    for (const group of groupsOf(clips)) {
      const phones = await phonesOf(group);
      let at = 0;
      for await (const samples of decodeClips(
        group.map(({ file }) => file),
        group[0]?.rawFormat,
      )) {
        const { speaker, language } = group[at]!; // a clip each
        const split: Spoken['split'] = speaker === HELD_OUT_SPEAKER ? 'dev' : 'train';
        const about = { voice: speaker, language, source: 'person', split, phones: phones[at]! } as const;
        if (samples.length > 0) yield* keptSpeech(about, samples);
        onProgress?.(++done, clips.length);
        at++;
      }
    }
  }
  await writeSoundBank(folder, all());
}

/** At most `most` of `clips`, from all of them alike. */
function spreadOut(clips: readonly ForeignClip[], most: number): readonly ForeignClip[] {
  if (clips.length <= most) return clips;
  return Array.from({ length: most }, (_, index) => clips[Math.floor((index * clips.length) / most)]!);
}

/** `clips` in groups of one language and one format. */
function groupsOf(clips: readonly ForeignClip[]): ForeignClip[][] {
  const kinds = new Map<string, ForeignClip[]>();
  const kindOf = (language: string, format: RawFormat | 'file'): string => `${language} ${format}`;
  for (const clip of clips) {
    const kind = kindOf(clip.language, clip.rawFormat ?? 'file');
    kinds.set(kind, [...(kinds.get(kind) ?? []), clip]);
  }
  return [...kinds.values()].flatMap((alike) =>
    Array.from({ length: Math.ceil(alike.length / GROUP) }, (_, index) =>
      alike.slice(index * GROUP, (index + 1) * GROUP),
    ),
  );
}

async function phonesOf(clips: readonly ForeignClip[]): Promise<string[][]> {
  const language = clips[0]!.language; // no group is empty
  const told = await pronounceEspeak(
    clips.map(({ text }) => text),
    language,
  );
  return told.map((ipa) => phonesOfIpa(ipa, language));
}
