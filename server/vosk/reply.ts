/** What vosk-server answers: one message a frame, byte for byte as its library writes them. */
import type { Word } from '../../src/text/word.ts';
import { type VoskJson, writeVoskJson } from './json.ts';

export type ReplyStyle = {
  /** Whether words are listed with their times. */ readonly words: boolean;
  /** Whether results are wrapped in alternatives. */ readonly alternatives: boolean;
};

/** Nothing has been said since the last result. */
export function emptyReply({ alternatives }: ReplyStyle): string {
  return alternatives ? '{"alternatives" : [{"text": "", "confidence" : 1.0}] }' : '{"text": ""}';
}

/** The utterance under way. */
export function partialReply(text: string): string {
  return writeVoskJson({ partial: text });
}

/** One or several utterances that ended; the client is told of them once. */
export function resultReply(words: readonly Word[], style: ReplyStyle): string {
  const text = words.map(({ word }) => word).join(' ');
  const lists = style.words && words.length > 0;
  if (!style.alternatives) {
    const result = words.map(({ word, start, end, confidence }) => ({ conf: confidence, end, start, word }));
    return writeVoskJson({ ...(lists && { result }), text });
  }
  const result: VoskJson = words.map(({ word, start, end }) => ({ end, start, word }));
  const confidence = words.reduce((sum, each) => sum + each.confidence, 0) / Math.max(1, words.length);
  return writeVoskJson({ alternatives: [{ confidence, ...(lists && { result }), text }] });
}
