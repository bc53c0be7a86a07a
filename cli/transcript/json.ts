import type { Word } from '../../src/search/word.ts';
import type { Print, Summary, TranscriptWriter } from './writer.ts';

/** An entry of what `hearken transcribe --json` prints. Times in seconds; a confidence is a probability. */
type Transcript = Summary & {
  readonly file: string;
  readonly text: string;
  readonly words: readonly Word[];
};

/** For programs: one array with an entry a recording, printed at the end. */
export function jsonWriter(print: Print): TranscriptWriter {
  const transcripts: Transcript[] = [];
  let file = '';
  let heard: Word[] = [];
  return {
    begin(name) {
      file = name;
      heard = [];
    },
    words(words) {
      for (const { word, start, end, confidence } of words) {
        heard.push({ word, start: round(start), end: round(end), confidence: round(confidence) });
      }
    },
    end({ durationSeconds, realTimeFactor }) {
      const text = heard.map(({ word }) => word).join(' ');
      transcripts.push({
        file,
        text,
        words: heard,
        durationSeconds: round(durationSeconds),
        realTimeFactor: round(realTimeFactor),
      });
    },
    close() {
      print(`${JSON.stringify(transcripts, null, 2)}\n`);
    },
  };
}

/** Milliseconds and thousandths say all that is known. */
function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
