import type { TranscribedCode, Transcript, Word } from '../../src/index.ts';
import { textOf } from '../../src/recognizer/transcribe.ts';
import { toThousandths, toWrittenWords } from '../../src/text/written-words.ts';
import { toWrittenCode } from '../written-code.ts';
import { printableJson } from '../printable.ts';
import type { Print, TranscriptWriter } from './writer.ts';

/** An entry of what `hearken transcribe --json` prints. Times in seconds; a confidence is a probability. */
type Entry = { readonly file: string } & Transcript;

/** Writes for programs: one array with an entry a recording, printed at the end. */
export function jsonWriter(print: Print): TranscriptWriter {
  const entries: Entry[] = [];
  let file = '';
  let heard: Word[] = [];
  let codes: TranscribedCode[] = [];
  return {
    begin(name) {
      file = name;
      heard = [];
      codes = [];
    },
    words(words) {
      for (const { word, start, end, confidence, ...whose } of toWrittenWords(words)) {
        heard.push({ word, start, end, confidence: toThousandths(confidence), ...whose });
      }
    },
    codes(some) {
      codes.push(...some.map(toWrittenCode));
    },
    end({ durationSeconds, realTimeFactor, channelCount, ...notices }) {
      entries.push({
        file,
        text: textOf(heard, channelCount),
        words: heard,
        durationSeconds: toThousandths(durationSeconds),
        realTimeFactor: toThousandths(realTimeFactor),
        ...(codes.length > 0 && { codes }),
        ...notices,
      });
    },
    close() {
      print(`${printableJson(entries)}\n`);
    },
  };
}
