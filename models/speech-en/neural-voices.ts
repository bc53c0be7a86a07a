/** Requests to the neural synthesisers, which are given phonemes and so say the phones that are asked for. */
import { between, chance } from '../../corpora/draw.ts';
import { phonesOfIpa } from '../../corpora/pronunciations/phone-set.ts';
import { pronounceEspeak } from '../../corpora/synthesis/espeak.ts';
import { installNeuralVoices, synthesizeNeural } from '../../corpora/synthesis/neural.ts';
import { drawBlend } from '../codes-en/voices/neural.ts';
import { drawSaid } from './said.ts';
import { keptSpeech, labelsOf, type Spoken } from './spoken.ts';
import { inGroups, phoneSpelling, recorded, type SpeechTasks, spelledOut } from './voices.ts';

const FOLDER = '.data/neural-voices';
const SPEEDS = { slowest: 0.75, fastest: 1.15 };
/** Of how many mixtures of Kokoro's styles one is never trained on. */
const HELD_OUT_OF = 8;
/** Kokoro breaks off what is shorter. */
const SHORTEST_PHONES = 8;

/** joe of Piper, an American, half of the time in British English. */
export const joeSpeech: SpeechTasks = async (random, texts, count) => {
  await installNeuralVoices(FOLDER);
  return inGroups(count, (size) => {
    const accent = chance(random, 0.5) ? 'en-us' : 'en-gb';
    const speed = between(random, SPEEDS.slowest, SPEEDS.fastest);
    const all = Array.from({ length: size }, () => drawSaid(random, texts));
    const asked = all.map((said) => spelledOut(random, said, phoneSpelling));
    return async () => {
      const told = await pronounceEspeak(asked, accent);
      const jobs = told.map((ipa) => ({ phonemes: `${joeAlphabet(ipa)}.`, speed }));
      const clips = await synthesizeNeural('joe', jobs, FOLDER);
      return clips.flatMap((clip, index) =>
        keptSpeech({ ...recorded('joe'), ...labelsOf(all[index]!), phones: phonesOfIpa(told[index]!, accent) }, clip),
      );
    };
  });
};

/** Mixtures of Kokoro's five styles, a voice each group. */
export const kokoroSpeech: SpeechTasks = async (random, texts, count) => {
  await installNeuralVoices(FOLDER);
  let voices = 0;
  return inGroups(count, (size) => {
    const voice = voices++;
    const blend = drawBlend(random);
    const accent = chance(random, 0.5) ? 'en-us' : 'en-gb';
    const speed = between(random, SPEEDS.slowest, SPEEDS.fastest);
    const all = Array.from({ length: size }, () => drawSaid(random, texts));
    const asked = all.map((said) => spelledOut(random, said, phoneSpelling));
    const split: Spoken['split'] = voice % HELD_OUT_OF === 0 ? 'dev' : 'train';
    return async () => {
      const told = await pronounceEspeak(asked, accent);
      const phones = told.map((ipa) => phonesOfIpa(ipa, accent));
      const long = phones.flatMap(({ length }, index) => (length >= SHORTEST_PHONES ? [index] : []));
      const jobs = long.map((index) => ({ phonemes: `${kokoroAlphabet(told[index]!, accent)}.`, speed, blend }));
      if (jobs.length === 0) return [];
      const clips = await synthesizeNeural('kokoro', jobs, FOLDER);
      return clips.flatMap((clip, at) => {
        const index = long[at]!; // a clip a job
        const about = { ...recorded(`kokoro ${voice}`), split, ...labelsOf(all[index]!), phones: phones[index]! };
        return keptSpeech(about, clip);
      });
    };
  });
};

/** IPA of espeak-ng without what a voice of Piper does not know. */
export function joeAlphabet(ipa: string): string {
  return ipa
    .replaceAll(/\([a-z-]+\)/g, '')
    .replaceAll(/(?!\u0329)[^abdefhijklmnoprstuvwxzæðŋɐɑɒɔəɚɛɜɡɪɫɹɾʃʊʌʒʔˈˌːθᵻ ]/g, '')
    .trim();
}

/** IPA of espeak-ng in the alphabet of Kokoro, which writes diphthongs and affricates as one symbol, and length in British English alone. */
export function kokoroAlphabet(ipa: string, accent: 'en-us' | 'en-gb'): string {
  const joined = joeAlphabet(ipa)
    .replaceAll('ʔˌn\u0329', 'tᵊn')
    .replaceAll('\u0329', '')
    .replaceAll('ʔ', 't')
    .replaceAll('eɪ', 'A')
    .replaceAll('aɪ', 'I')
    .replaceAll('aʊ', 'W')
    .replaceAll('ɔɪ', 'Y')
    .replaceAll('oʊ', 'O')
    .replaceAll('əʊ', 'Q')
    .replaceAll('dʒ', 'ʤ')
    .replaceAll('tʃ', 'ʧ')
    .replaceAll('əl', 'ᵊl')
    .replaceAll('ɐ', 'ə')
    .replaceAll('ɫ', 'l')
    .replaceAll('ɚ', 'əɹ');
  if (accent === 'en-gb') return joined;
  return joined.replaceAll('ɜː', 'ɜɹ').replaceAll('ɪə', 'iə').replaceAll('ː', '').replaceAll('ɾ', 'T');
}
