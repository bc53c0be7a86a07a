import { describe, expect, test } from 'vitest';

import { parseGrxml } from '../../src/grammar/grxml.ts';
import { hearing, weighedReadings } from './word-walk.ts';

const grammar = (rules: string, attributes = 'root="main"'): string => `<?xml version="1.0" encoding="UTF-8"?>
<grammar version="1.0" xmlns="http://www.w3.org/2001/06/grammar" xml:lang="en-US" mode="voice" ${attributes}>
${rules}
</grammar>`;

const main = (expansion: string): string => grammar(`<rule id="main" scope="public">${expansion}</rule>`);

/** Rules after the examples of the Speech Recognition Grammar Specification 1.0, W3C Recommendation 16 March 2004, sections 2.4, 2.5 and 4. */
const COMMANDS = grammar(
  `<rule id="main" scope="public">
     <example>please open a window</example>
     <item repeat="0-1"><ruleref uri="#polite"/></item>
     <ruleref uri="#action"/> <ruleref uri="#object"/>
   </rule>
   <rule id="polite"><one-of><item>please</item><item>kindly</item><item>oh mighty computer</item></one-of></rule>
   <rule id="action">
     <one-of>
       <item weight="10">open <tag>OPEN</tag></item>
       <item weight="2">close <tag>CLOSE</tag></item>
       <item weight="1">delete <tag>DELETE</tag></item>
       <item weight="1">move <tag>MOVE</tag></item>
     </one-of>
   </rule>
   <rule id="object">
     <item repeat="0-1"><one-of><item>the</item><item>a</item></one-of></item>
     <one-of><item>window</item><item>file</item><item>menu</item></one-of>
   </rule>`,
);

describe('a grammar in the XML of SRGS', () => {
  test.each([
    ['open the window', ['OPEN the window']],
    ['oh mighty computer delete a file', ['oh mighty computer DELETE a file']],
    ['move menu', ['MOVE menu']],
    ['open', []],
    ['please', []],
  ])('hears "%s" as %j', (sentence, written) => {
    expect(hearing(parseGrxml(COMMANDS))(sentence)).toEqual(written);
  });

  test('weighs its items', () => {
    const weightOf = (sentence: string): number => weighedReadings(parseGrxml(COMMANDS))(sentence)[0]!.weight;
    expect(weightOf('open file')).toBeCloseTo(0, 12);
    expect(weightOf('close file')).toBeCloseTo(Math.log(0.2), 12);
  });

  test.each([
    ['4', 4, 4],
    ['2-3', 2, 3],
    ['2-', 2, 6],
    ['0-1', 0, 1],
  ])('repeats an item %s times', (repeat, least, most) => {
    const written = hearing(parseGrxml(main(`<item repeat="${repeat}">very</item> big`)));
    const heard = Array.from({ length: 7 }, (_, times) => written(`${'very '.repeat(times)}big`).length > 0);
    expect(heard).toEqual(Array.from({ length: 7 }, (_, times) => times >= least && times <= most));
  });

  test('weighs repeats by their probability', () => {
    const rules = parseGrxml(main('<item repeat="0-" repeat-prob="0.6">very</item> big'));
    const weights = ['big', 'very big', 'very very big'].map((said) => weighedReadings(rules)(said)[0]!.weight);
    expect(weights.map((weight) => Math.exp(weight))).toEqual(
      [0.4, 0.24, 0.144].map((share) => expect.closeTo(share, 9)),
    );
  });

  test('writes digits together', () => {
    const digits = '<rule id="digit"><one-of><item>one<tag>1</tag></item><item>oh<tag>0</tag></item></one-of></rule>';
    const rules = parseGrxml(
      grammar(`<rule id="main"><item repeat="4"><ruleref uri="#digit"/></item></rule>${digits}`),
    );
    expect(hearing(rules)('one oh oh one')).toEqual(['1001']);
  });

  test('takes tokens, quotes, CDATA, references, NULL and VOID', () => {
    const said = 'to "San Francisco" <token>now</token> <ruleref special="NULL"/> <![CDATA[please]]>';
    const never = '<one-of><item>&amp;</item><item><ruleref special="VOID"/> never</item></one-of>';
    const written = hearing(parseGrxml(main(`${said}<!-- a comment -->${never}`)));
    expect(written('to san francisco now please &')).toEqual(['to San Francisco now please &']);
    expect(written('to san francisco now please never')).toEqual([]);
  });

  test('without a root lets each public rule be said', () => {
    const written = hearing(
      parseGrxml(
        grammar(
          '<rule id="a" scope="public">one</rule><rule id="b">two</rule><rule id="c" scope="public">six</rule>',
          '',
        ),
      ),
    );
    expect(['one', 'two', 'six'].map((word) => written(word).length)).toEqual([1, 0, 1]);
  });

  test.each([
    ['<grammar', 1, 'a document in XML'],
    ['<grammar root="a"><rule id="a">x</rules></grammar>', 1, 'a document in XML'],
    ['<vxml/>', 1, '<grammar> around'],
    [grammar('<rule id="main">one</rule>', 'root="other"'), 2, 'a rule that is the `root`'],
    [grammar('<rule>one</rule>'), 3, 'an `id`'],
    [grammar('<rule id="main">1</rule>\n<rule id="main">2</rule>'), 4, 'the rule main once'],
    [grammar('<item/>'), 3, '<rule>'],
    [main('<p>one</p>'), 3, '<item>, <one-of>'],
    [main('<one-of>one</one-of>'), 3, '<item> in <one-of>'],
    [main('<one-of><item weight="-1">one</item></one-of>'), 3, '`weight` to be a number'],
    [main('<item repeat="3-2">one</item>'), 3, '`repeat`'],
    [main('<item repeat="some">one</item>'), 3, '`repeat`'],
    [main('<item repeat="0-" repeat-prob="2">one</item>'), 3, '`repeat-prob` to be a number from 0 to 1'],
    [main('<ruleref uri="http://example.com/other.grxml"/>'), 3, '`uri` of a rule in this document'],
    [main('<ruleref special="GARBAGE"/>'), 3, 'NULL or VOID'],
    [grammar('<rule id="main">1</rule>', 'root="main" tag-format="x"').replace('voice', 'dtmf'), 2, 'for speech'],
  ])('with a fault, %j, is refused with line %i', (source, line, expected) => {
    const refusal = { code: 'grammar/grxml', message: expect.stringContaining(expected) };
    expect(() => parseGrxml(source)).toThrow(expect.objectContaining(refusal));
    const place = { message: expect.stringContaining(`(line ${line}, column `) };
    expect(() => parseGrxml(source)).toThrow(expect.objectContaining(place));
  });
});
