import { describe, expect, test } from 'vitest';

import { parseJsgf } from '../../src/grammar/jsgf.ts';
import { hearing, weighedReadings } from './word-walk.ts';

const jsgf = (body: string): string => `#JSGF V1.0;\ngrammar test;\n${body}`;

/** The examples of the JSpeech Grammar Format, W3C Note 5 June 2000, sections 3 and 4, of which imports are written out. */
const POLITENESS = `#JSGF V1.0 ISO8859-1 en;

grammar com.acme.politeness;

// Body
public <startPolite> = (please | kindly | could you | oh mighty computer) *;
public <endPolite> = [ please | thanks | thank you ];
`;
const COMMANDS = `#JSGF V1.0;
grammar com.acme.commands;
/** Basic command. */
public <basicCmd> = <startPolite> <command> <com.acme.commands.endPolite>;

<command> = <action> <object>;
<action> = /10/ open |/2/ close |/1/ delete |/1/ move;
<object> = [the | a] (window | file | menu);
<startPolite> = (please | kindly | could you | oh mighty computer) *;
<endPolite> = [ please | thanks | thank you ];
`;

describe('a grammar in JSGF', () => {
  test.each([
    ['please could you', true],
    ['oh mighty computer', true],
    ['thank you', true],
    ['', true],
    ['oh mighty', false],
    ['please thank you', false],
  ])('of politeness, as published, and "%s": %s', (sentence, isSaid) => {
    expect(hearing(parseJsgf(POLITENESS))(sentence).length > 0).toBe(isSaid);
  });

  test.each([
    ['open the window', true],
    ['oh mighty computer please delete a file thanks', true],
    ['move menu', true],
    ['open', false],
    ['the window open', false],
    ['please', false],
  ])('of commands, as published, and "%s": %s', (sentence, isSaid) => {
    expect(hearing(parseJsgf(COMMANDS))(sentence).length > 0).toBe(isSaid);
  });

  test('weighs its alternatives by those of the published example', () => {
    const weightOf = (sentence: string): number => weighedReadings(parseJsgf(COMMANDS))(sentence)[0]!.weight;
    expect(weightOf('open file')).toBeCloseTo(0, 12);
    expect(weightOf('close file')).toBeCloseTo(Math.log(2 / 10), 12);
    expect(weightOf('move file') - weightOf('close file')).toBeCloseTo(Math.log(1 / 2), 12);
  });

  test('writes tags in place of what they stand behind, as published', () => {
    const written = hearing(
      parseJsgf(jsgf('public <country> = Australia {Oz} | (United States) {USA} | America {USA} | (U S of A) {USA};')),
    );
    expect(['australia', 'united states', 'america', 'u s of a'].map((name) => written(name)[0])).toEqual([
      'Oz',
      'USA',
      'USA',
      'USA',
    ]);
  });

  test('writes single characters together and words apart', () => {
    const written = hearing(
      parseJsgf(
        jsgf('public <call> = Dial {call} <digit>+ [extension <digit>]; <digit> = zero {0} | oh {0} | one {1};'),
      ),
    );
    expect(written('dial one oh zero')).toEqual(['call 100']);
    expect(written('dial one extension oh')).toEqual(['call 1 extension 0']);
  });

  test('binds tags and repeats before what follows, and alternatives last', () => {
    const written = hearing(parseJsgf(jsgf('public <s> = a b {B} c | d+ {D} {E};')));
    expect([written('a b c'), written('d d'), written('a b d')]).toEqual([['aBc'], ['E'], []]);
    expect(hearing(parseJsgf(jsgf('public <s> = a [b] {x};')))('a')).toEqual(['ax']);
  });

  test('takes quoted words, escapes in tags, comments, NULL and weights of 0', () => {
    const source =
      '\uFEFF#JSGF V1.0 UTF-8 en;\r\ngrammar t; // one\r\npublic <s> = /* two */ "New York" { \\{NY\\} } <NULL> | /0/ never | /.5/ q;';
    const written = hearing(parseJsgf(source));
    expect([written('new york'), written('never'), written('q')]).toEqual([['{NY}'], [], ['q']]);
  });

  test.each([
    ['grammar a;', 1, 1, '`#JSGF V1.0;` first'],
    ['#JSGF V1.0;\npublic <a> = b;', 2, 1, '`grammar`'],
    ['#JSGF V1.0;\ngrammar a', 2, 10, '`;`, got the end'],
    [jsgf('import <other.rule>;'), 3, 1, 'no import'],
    [jsgf('public a = b;'), 3, 8, 'a rule'],
    [jsgf('public <a> = b'), 3, 15, '`;`'],
    [jsgf('public <a> = b | ;'), 3, 18, 'something to say'],
    [jsgf('public <a> = (b [c);'), 3, 19, '`]`'],
    [jsgf('public <a> = b {c;'), 3, 16, 'a word, a <rule>'],
    [jsgf('public <a> = b;\n<a> = c;'), 4, 1, 'to be defined once'],
    [jsgf('public <NULL> = b;'), 3, 8, 'of another name'],
    [jsgf('<a> = b;'), 3, 9, 'a public rule'],
    [jsgf('public <a> = * b;'), 3, 14, 'something to say'],
    [jsgf(`public <a> = ${'('.repeat(201)}b;`), 3, 214, 'at most 200 brackets'],
  ])('with a fault, %j, is refused with line %i and column %i', (source, line, column, expected) => {
    const refusal = { code: 'grammar/jsgf', message: expect.stringContaining(expected) };
    expect(() => parseJsgf(source)).toThrow(expect.objectContaining(refusal));
    const place = { message: expect.stringContaining(`(line ${line}, column ${column})`) };
    expect(() => parseJsgf(source)).toThrow(expect.objectContaining(place));
  });
});
