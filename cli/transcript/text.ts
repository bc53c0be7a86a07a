import { printable } from '../printable.ts';
import type { Print, TranscriptWriter } from './writer.ts';

/** Writes for people: a line a word, as soon as its utterance has ended. */
export function textWriter(print: Print): TranscriptWriter {
  let wordCount = 0;
  return {
    begin(file) {
      wordCount = 0;
      print(`${printable(file)}\n`);
    },
    words(words) {
      const ofChannels = words[0]?.channel !== undefined;
      if (wordCount === 0 && words.length > 0) {
        print(`    start       end  confidence  ${ofChannels ? 'channel  ' : ''}word\n`);
      }
      for (const { word, start, end, confidence, channel } of words) {
        const share = `${Math.round(confidence * 100)} %`;
        const whose = ofChannels ? `${String(channel).padStart(7)}  ` : '';
        print(`${seconds(start)} ${seconds(end)}  ${share.padStart(10)}  ${whose}${printable(word)}\n`);
      }
      wordCount += words.length;
    },
    codes(codes) {
      for (const { written, valid, complete } of codes) {
        const state = valid ? '' : complete ? ' (not valid)' : ' (not whole)';
        print(`code ${printable(written)}${state}\n`);
      }
    },
    end({ durationSeconds, realTimeFactor }) {
      const count = wordCount === 1 ? '1 word' : `${wordCount} words`;
      const speed = realTimeFactor > 0 ? `, ${(1 / realTimeFactor).toPrecision(2)} times as fast as real time` : '';
      print(`${count} in ${durationSeconds.toFixed(1)} s of audio${speed}\n`);
    },
    close() {},
  };
}

function seconds(time: number): string {
  return time.toFixed(2).padStart(9);
}
