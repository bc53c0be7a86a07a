import type { FestivalVoice } from '../../corpora/synthesis/festival.ts';
import type { PicoLanguage } from '../../corpora/synthesis/pico.ts';

import { CODE_WORDS } from './words.ts';

/**
 * English words as a reader of another language would have to see them written to say them. Debian holds only five
 * English voices made from a person's recordings; these add eight speakers, with an accent.
 */
const CZECH = [
  'zírou van tú srí fór fajv siks sevn ejt najn ou',
  'ej bí sí dý yí ef dží ejč aj džej kej el em en ou pí kjú ár es tý jú ví dabljú eks vaj zed',
];
/** Italian has no word that ends like the letter h. */
const ITALIAN = [
  'zìrou uàn tu tri for fàiv sics sèven èit nàin òu',
  'èi bi si di i ef gi - ài gèi chèi el em en òu pi chiù ar es ti iù vi dàbliu ecs uài zed',
];
const CATALAN = [
  'zírou uàn tú trí fór fàif sícs sèven èit nàin òu',
  'èi bí sí dí ií èf djí èitx ài djèi quèi èl èm èn òu pí kiú àrr ès tí iú ví dàbliu ècs uài zèd',
];
const TELUGU = [
  'జీరో వన్ టూ త్రీ ఫోర్ ఫైవ్ సిక్స్ సెవెన్ ఎయిట్ నైన్ ఓ',
  'ఏ బీ సీ డీ ఈ ఎఫ్ జీ హెచ్ ఐ జే కే ఎల్ ఎమ్ ఎన్ ఓ పీ క్యూ ఆర్ ఎస్ టీ యూ వీ డబ్ల్యూ ఎక్స్ వై జెడ్',
];

/** Spelling of each word by voice; a word that the language cannot say is missing. */
export const FOREIGN_SPELLINGS: ReadonlyMap<FestivalVoice, ReadonlyMap<string, string>> = new Map([
  ['czech_dita', spellings(CZECH)],
  ['czech_krb', spellings(CZECH)],
  ['czech_machac', spellings(CZECH)],
  ['czech_ph', spellings(CZECH)],
  ['lp_diphone', spellings(ITALIAN)],
  ['pc_diphone', spellings(ITALIAN)],
  ['telugu_NSK_diphone', spellings(TELUGU)],
  ['upc_ca_ona_hts', spellings(CATALAN)],
]);

/** Digits alone: how these voices read single letters cannot be told from their spelling. */
export const PICO_SPELLINGS: ReadonlyMap<PicoLanguage, ReadonlyMap<string, string>> = new Map([
  ['de-DE', spellings(['siero uann tuh frie foor faif ßix ßewen äit nein'])],
  ['es-ES', spellings(['síro uan tu trí for faif six seven eit nain ou'])],
  ['fr-FR', spellings(['ziro ouane tou sri fôr faïve sixe sévène éïte naïne'])],
  ['it-IT', spellings(['zìrou uàn tu tri for fàiv sics sèven èit nàin òu'])],
]);

function spellings(lines: readonly string[]): ReadonlyMap<string, string> {
  const spelled = lines.join(' ').split(' ');
  return new Map(
    CODE_WORDS.map((word, index) => [word, spelled[index] ?? '-'] as const).filter(([, spelling]) => spelling !== '-'),
  );
}
