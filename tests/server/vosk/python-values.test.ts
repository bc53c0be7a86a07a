import { execFileSync } from 'node:child_process';

import { describe, expect, test } from 'vitest';

import { pythonBool, pythonFloat, pythonInt } from '../../../server/vosk/python-values.ts';
import { parseVoskRequest } from '../../../server/vosk/request.ts';
import { missingPrograms, skipNote } from '../../installed.ts';

const TEXTS =
  '16000| 16000\n|16e3|1_6000|1__6|_1|1_|+5|-5|.5|5.|.|| |0x10|1,5|true|false|0|fast|2.7|nan|Infinity'.split('|');
const VALUES = [16_000, 48_000.5, 0, -1, 1e21, true, false, null, [], [0], {}, { a: 1 }, ...TEXTS];

const SCRIPT = `
import json, math, sys
def taken(convert, value):
    try:
        result = convert(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return result if isinstance(result, bool) or math.isfinite(result) else None
print(json.dumps([[taken(f, v) for f in (float, int, bool)] for v in json.load(sys.stdin)]))
`;

const noPython = missingPrograms('python3');

test.skipIf(noPython.length > 0)(`values are converted as Python converts them${skipNote(noPython)}`, () => {
  const python = execFileSync('python3', ['-c', SCRIPT], { input: JSON.stringify(VALUES), encoding: 'utf8' });
  const expected = JSON.parse(python) as [number | null, number | null, boolean][];
  const taken = VALUES.map((value) => [pythonFloat(value) ?? null, pythonInt(value) ?? null, pythonBool(value)]);
  expect(taken).toEqual(expected);
});

describe('a configuration', () => {
  test.each([
    [{ sample_rate: '16000' }, { sample_rate: 16_000 }],
    [
      { sample_rate: 48_000.0, words: 1 },
      { sample_rate: 48_000, words: true },
    ],
    [{ words: 'true' }, { words: true }],
    [{ words: 'false' }, { words: true }], // every text but the empty one is true in Python
    [{ words: null }, { words: false }],
    [{ max_alternatives: '3' }, { max_alternatives: 3 }],
    [{ max_alternatives: 2.7 }, { max_alternatives: 2 }],
    [{ phrase_list: null }, { phrase_list: [] }],
    [{ phrase_list: ['one two', '[unk]'] }, { phrase_list: ['one two', '[unk]'] }],
  ])('%j is taken as %j', (config, taken) => {
    expect(parseVoskRequest(JSON.stringify({ config }))).toEqual({ type: 'config', config: taken, ignored: [] });
  });

  test('wins over whatever stands beside it, as upstream', () => {
    const request = { type: 'config', config: { words: false }, ignored: ['eof'] };
    expect(parseVoskRequest('{"eof":1,"config":{"words":0}}')).toEqual(request);
  });

  test('of great depth is refused like any other', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(() => parseVoskRequest(`{"config":{"sample_rate":${deep}}}`)).toThrow('got a list');
  });
});
