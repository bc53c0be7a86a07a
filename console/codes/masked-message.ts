/** What the server says of codes, masked before the page has it: nothing of a code but its last symbols is kept or drawn. */
import type { AlternativeMessage, EventMessage, WordMessage } from '../../client/index.ts';
import { maskedCode, maskedWords } from '../../src/grammar/masked-code.ts';

export function maskedMessage(event: EventMessage): EventMessage {
  if (event.type === 'attention') return { ...event, words: event.words.map(maskedWord) };
  if (event.type !== 'partial' && event.type !== 'final') return event; // they tell of times only
  const text = maskedWords(event.text);
  const words = event.words.map(maskedWord);
  const written = event.written === undefined ? undefined : maskedCode(event.written);
  if (event.type === 'partial') return { ...event, text, words, written };
  return { ...event, text, words, written, alternatives: event.alternatives?.map(maskedAlternative) };
}

function maskedAlternative(alternative: AlternativeMessage): AlternativeMessage {
  return { ...alternative, written: maskedCode(alternative.written), text: maskedWords(alternative.text) };
}

function maskedWord<W extends WordMessage>(word: W): W {
  return { ...word, word: maskedWords(word.word) };
}
