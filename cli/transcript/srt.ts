import type { Word } from '../../src/search/word.ts';
import type { Print, TranscriptWriter } from './writer.ts';

/** A subtitle holds what is read at a glance (42 characters, 7 s are the customary bounds); a pause starts the next. */
const LONGEST_TEXT = 42;
const LONGEST_SECONDS = 7;
const PAUSE_SECONDS = 1;

/** SubRip subtitles: `1`, `00:00:01,500 --> 00:00:03,250`, the text (with its channel where each is heard alone), an empty line. */
export function srtWriter(print: Print): TranscriptWriter {
  let number = 0;
  let cue: Word[] = [];
  const flush = (): void => {
    const [first, last] = [cue.at(0), cue.at(-1)];
    if (first === undefined || last === undefined) return;
    number++;
    print(`${number}\n${clock(first.start)} --> ${clock(last.end)}\n${channelOf(first)}${textOf(cue)}\n\n`);
    cue = [];
  };
  return {
    begin() {},
    words(words) {
      for (const word of words) {
        if (!belongs(cue, word)) flush();
        cue.push(word);
      }
    },
    end: flush,
    close() {},
  };
}

function belongs(cue: readonly Word[], next: Word): boolean {
  const [first, last] = [cue.at(0), cue.at(-1)];
  if (first === undefined || last === undefined) return true;
  return (
    next.channel === last.channel &&
    next.start - last.end < PAUSE_SECONDS &&
    next.end - first.start <= LONGEST_SECONDS &&
    textOf([...cue, next]).length <= LONGEST_TEXT
  );
}

function channelOf({ channel }: Word): string {
  return channel === undefined ? '' : `[channel ${channel}] `;
}

function textOf(words: readonly Word[]): string {
  return words.map(({ word }) => word).join(' ');
}

function clock(seconds: number): string {
  const milliseconds = Math.round(seconds * 1_000);
  const part = (unit: number, size: number, width: number): string =>
    `${Math.floor(milliseconds / unit) % size}`.padStart(width, '0');
  const hours = `${Math.floor(milliseconds / 3_600_000)}`.padStart(2, '0');
  return `${hours}:${part(60_000, 60, 2)}:${part(1_000, 60, 2)},${part(1, 1_000, 3)}`;
}
