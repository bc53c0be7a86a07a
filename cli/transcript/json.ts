import type { Transcript, Word } from '../../src/index.ts';
import { textOf } from '../../src/recognizer/transcribe.ts';
import { toThousandths, toWrittenWords } from '../../src/text/written-words.ts';
import { printable } from '../printable.ts';
import type { Print, TranscriptWriter } from './writer.ts';

/** An entry of what `hearken transcribe --json` prints. Times in seconds; a confidence is a probability. */
type Entry = { readonly file: string } & Transcript;

/** Writes for programs: one array with an entry a recording, printed at the end. */
export function jsonWriter(print: Print): TranscriptWriter {
  const entries: Entry[] = [];
  let file = '';
  let heard: Word[] = [];
  return {
    begin(name) {
      file = name;
      heard = [];
    },
    words(words) {
      for (const { word, start, end, confidence, ...whose } of toWrittenWords(words)) {
        heard.push({ word, start, end, confidence: toThousandths(confidence), ...whose });
      }
    },
    end({ durationSeconds, realTimeFactor, channelCount, ...notices }) {
      entries.push({
        file,
        text: textOf(heard, channelCount),
        words: heard,
        durationSeconds: toThousandths(durationSeconds),
        realTimeFactor: toThousandths(realTimeFactor),
        ...notices,
      });
    },
    close() {
      // JSON lets C1 controls be, which terminals obey.
      const json = JSON.stringify(entries, null, 2).replace(/[\u007F-\u009F]/g, printable);
      print(`${json}\n`);
    },
  };
}
