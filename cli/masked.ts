/** Codes and what tells of them, masked (`--mask`): the last symbols of what is written stay, of what was said nothing does. */
import { maskedCode, maskedWords } from '../src/grammar/masked-code.ts';
import type { RecognitionEvent, TranscribedCode, Word, WrittenCode } from '../src/index.ts';

export function maskedTranscribedCode(code: TranscribedCode): TranscribedCode {
  return { ...code, ...maskedTexts(code), alternatives: code.alternatives.map(maskedAlternative) };
}

/** `event` without what was said. Only of streams whose grammar is a form: what they hear is codes. */
export function maskedEvent(event: RecognitionEvent): RecognitionEvent {
  if (event.type === 'attention') return { ...event, words: event.words.map(maskedWord) };
  if (event.type === 'binned-attention') return { ...event, words: event.words.map(maskedWord) };
  if (event.type !== 'partial' && event.type !== 'final') return event; // they tell of times only
  const text = maskedWords(event.text);
  const words = event.words.map(maskedWord);
  const written = event.written === undefined ? {} : { written: maskedCode(event.written) };
  if (event.type === 'partial') return { ...event, text, words, ...written };
  const { alternatives } = event;
  return {
    ...event,
    text,
    words,
    ...written,
    ...(alternatives && { alternatives: alternatives.map(maskedAlternative) }),
  };
}

type Texts = Pick<WrittenCode, 'written' | 'text'>;

function maskedAlternative(alternative: WrittenCode): WrittenCode {
  return { ...alternative, ...maskedTexts(alternative) };
}

function maskedTexts({ written, text }: Texts): Texts {
  return { written: maskedCode(written), text: maskedWords(text) };
}

function maskedWord<W extends Word>(word: W): W {
  return { ...word, word: maskedWords(word.word) };
}
