import { expect, test } from 'vitest';

import { jsonWriter } from '../../cli/transcript/json.ts';
import { srtWriter } from '../../cli/transcript/srt.ts';
import { textWriter } from '../../cli/transcript/text.ts';
import type { Print, TranscriptWriter } from '../../cli/transcript/writer.ts';
import type { Word } from '../../src/text/word.ts';

const WORDS: readonly Word[] = [
  { word: 'five', start: 0.5, end: 0.81, confidence: 0.984 },
  { word: 'oh', start: 1.0004, end: 1.2, confidence: 0.7 },
  { word: 'nine', start: 3661.5, end: 3661.9996, confidence: 1 },
];

/** What `writer` prints for one recording whose words come in two utterances. */
function written(open: (print: Print) => TranscriptWriter, words: readonly Word[] = WORDS): string {
  let output = '';
  const writer = open((text) => {
    output += text;
  });
  writer.begin('a.wav');
  writer.words(words.slice(0, 2));
  writer.words(words.slice(2));
  writer.end({ durationSeconds: 3700, realTimeFactor: 0.0214 });
  writer.close();
  return output;
}

test('a transcript for people has a line a word and says how fast it was', () => {
  expect(written(textWriter)).toBe(
    [
      'a.wav',
      '    start       end  confidence  word',
      '     0.50      0.81        98 %  five',
      '     1.00      1.20        70 %  oh',
      '  3661.50   3662.00       100 %  nine',
      '3 words in 3700.0 s of audio, 47 times as fast as real time',
      '',
    ].join('\n'),
  );
});

test('a transcript for programs is an array with an entry a recording', () => {
  expect(JSON.parse(written(jsonWriter))).toEqual([
    {
      file: 'a.wav',
      text: 'five oh nine',
      words: [
        { word: 'five', start: 0.5, end: 0.81, confidence: 0.984 },
        { word: 'oh', start: 1, end: 1.2, confidence: 0.7 },
        { word: 'nine', start: 3661.5, end: 3662, confidence: 1 },
      ],
      durationSeconds: 3700,
      realTimeFactor: 0.021,
    },
  ]);
});

test('nothing heard is an empty transcript, not an absent one', () => {
  expect(JSON.parse(written(jsonWriter, []))).toMatchObject([{ file: 'a.wav', text: '', words: [] }]);
  expect(written(srtWriter, [])).toBe('');
});

test('subtitles end at a pause', () => {
  expect(written(srtWriter)).toBe(
    '1\n00:00:00,500 --> 00:00:01,200\nfive oh\n\n2\n01:01:01,500 --> 01:01:02,000\nnine\n\n',
  );
});

test('subtitles are short enough to be read at a glance', () => {
  const words = Array.from({ length: 60 }, (_, i) => ({
    word: 'seven',
    start: 0.4 * i,
    end: 0.4 * i + 0.3,
    confidence: 1,
  }));
  const cues = written(srtWriter, words).trim().split('\n\n');
  const texts = cues.map((cue) => cue.split('\n')[2] ?? '');
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(42);
  expect(texts.join(' ').split(' ')).toHaveLength(60);
});
