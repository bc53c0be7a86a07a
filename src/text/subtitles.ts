/** Subtitle files from timed words: SubRip (SRT) and WebVTT. */
import { HearkenError } from '../errors.ts';
import type { Word } from './word.ts';

/** A longer pause between two words begins a new cue. */
const LONGEST_GAP_SECONDS = 0.8;
/** A cue lasts at most so long, unless a single word does longer. */
const LONGEST_CUE_SECONDS = 6;
/** Characters in a cue, unless a single word has more: one line as broadcasters set it. */
const LONGEST_TEXT = 42;

/** Words of one channel shown together. Times in whole milliseconds, `start < end`. */
export type Cue = {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Channel of the recording, from 0; only where each channel was transcribed for itself. */
  readonly channel?: number;
};

/**
 * Groups words, in the order of their times, into cues that do not overlap; those of several channels, each in its order, into
 * cues of each, in the order in which they begin. Throws `subtitles/times` for words out of
 * order or with a time that is negative or not finite.
 */
export function toCues(words: readonly Word[]): Cue[] {
  const channels = [...new Set(words.map(({ channel }) => channel))];
  if (channels.length > 1) {
    const cues = channels.flatMap((channel) => toCues(words.filter((word) => word.channel === channel)));
    return cues.toSorted((a, b) => a.start - b.start);
  }
  const groups: Word[][] = [];
  for (const [index, word] of words.entries()) {
    assertTimes(word, words[index - 1]);
    const group = groups.at(-1);
    const [first] = group ?? [];
    const previous = group?.at(-1);
    const fits =
      group !== undefined &&
      first !== undefined &&
      previous !== undefined &&
      word.start - previous.end <= LONGEST_GAP_SECONDS &&
      word.end - first.start <= LONGEST_CUE_SECONDS &&
      textOf([...group, word]).length <= LONGEST_TEXT;
    if (fits) group.push(word);
    else groups.push([word]);
  }
  return separate(groups);
}

/** A SubRip file; `\n` line ends. Empty without words. */
export function toSrt(words: readonly Word[]): string {
  return toCues(words)
    .map((cue, index) => toSrtCue(cue, index + 1))
    .join('\n');
}

/** One cue of a SubRip file, the first of which has the number 1, without the empty line between cues. */
export function toSrtCue({ start, end, text, channel }: Cue, number: number): string {
  // SRT knows no escape: what looks like a timing line must not stand in the text.
  const plain = (channel === undefined ? text : `[channel ${channel}] ${text}`).replaceAll('-->', '->');
  return `${number}\n${timestamp(start, ',')} --> ${timestamp(end, ',')}\n${plain}\n`;
}

/** A WebVTT file; `\n` line ends. Only its header without words. Reference: https://www.w3.org/TR/webvtt1/ section 4 */
export function toWebVtt(words: readonly Word[]): string {
  const cues = toCues(words).map(({ start, end, text, channel }) => {
    const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    return `\n${timestamp(start, '.')} --> ${timestamp(end, '.')}\n${channel === undefined ? '' : `<v channel ${channel}>`}${escaped}\n`;
  });
  return `WEBVTT\n${cues.join('')}`;
}

/** Rounds to milliseconds so that each cue lasts at least one and begins when the one before has ended. */
function separate(groups: readonly (readonly Word[])[]): Cue[] {
  const cues: Cue[] = [];
  for (const group of groups.filter((one) => textOf(one) !== '')) {
    const start = Math.max(Math.round((group[0]?.start ?? 0) * 1000), cues.at(-1)?.end ?? 0);
    const end = Math.max(Math.round((group.at(-1)?.end ?? 0) * 1000), start + 1);
    const channel = group[0]?.channel;
    cues.push({ start, end, text: textOf(group), ...(channel !== undefined && { channel }) });
  }
  return cues;
}

/** The words of a cue on one line, because an empty line would end the cue. */
function textOf(words: readonly Word[]): string {
  return words
    .map(({ word }) => word)
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** `HH:MM:SS,mmm`; hours take more digits where they need them. */
function timestamp(milliseconds: number, point: ',' | '.'): string {
  const pad = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, '0');
  const seconds = Math.floor(milliseconds / 1000);
  const clock = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => pad(part, 2)).join(':');
  return `${clock}${point}${pad(milliseconds % 1000, 3)}`;
}

function assertTimes({ word, start, end }: Word, previous: Word | undefined): void {
  if (!(start >= (previous?.start ?? 0) && end >= start && end < Number.MAX_SAFE_INTEGER / 1000)) {
    const after = previous ? `, after '${previous.word}' from ${previous.start}` : '';
    throw new HearkenError(
      'subtitles/times',
      `Expected words in the order of their times in seconds, got '${word}' from ${start} to ${end}${after}`,
    );
  }
}
