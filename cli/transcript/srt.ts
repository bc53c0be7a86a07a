import { toCues, toSrtCue } from '../../src/text/subtitles.ts';
import type { Print, TranscriptWriter } from './writer.ts';

/** SubRip subtitles, as soon as they are settled; none goes on from one utterance into the next. */
export function srtWriter(print: Print): TranscriptWriter {
  let count = 0;
  return {
    begin() {},
    words(words) {
      for (const cue of toCues(words)) {
        count++;
        print(`${toSrtCue(cue, count)}\n`);
      }
    },
    codes() {},
    end() {},
    close() {},
  };
}
