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

type Heard = {
  readonly words: readonly Word[];
  /** What they are written as, where a form was heard. */ readonly written?: string;
};

/** One or several utterances that ended; the client is told of them once. `written` is not vosk-server's. */
export function resultReply(finals: readonly Heard[], style: ReplyStyle): string {
  const words = finals.flatMap((final) => final.words);
  const text = words.map(({ word }) => word).join(' ');
  const written = finals.flatMap((final) => final.written ?? []).join(' ');
  const form = written !== '' && { written }; // clients take a text that is empty for no result
  const lists = style.words && words.length > 0;
  if (!style.alternatives) {
    const result = words.map(({ word, start, end, confidence }) => ({ conf: confidence, end, start, word }));
    return writeVoskJson({ ...(lists && { result }), text, ...form });
  }
  const result: VoskJson = words.map(({ word, start, end }) => ({ end, start, word }));
  const confidence = words.reduce((sum, each) => sum + each.confidence, 0) / Math.max(1, words.length);
  return writeVoskJson({ alternatives: [{ confidence, ...(lists && { result }), text, ...form }] });
}
