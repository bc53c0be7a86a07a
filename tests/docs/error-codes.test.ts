import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { CLIENT_ERROR_CODES } from '../../client/error-codes.ts';
import { StreamError } from '../../client/index.ts';
import { errorGuide } from '../../scripts/error-guide.ts';
import { unsupportedCodec } from '../../src/audio/codec-names.ts';
import { ERROR_CODES } from '../../src/error-codes.ts';
import { HearkenError } from '../../src/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CODES = Object.keys({ ...ERROR_CODES, ...CLIENT_ERROR_CODES });
const AREAS = new Set(CODES.map((code) => code.split('/', 1)[0]));
/** Media types, which look like codes of the area `audio`. */
const MEDIA_TYPES = new Set(['audio/pcm', 'audio/pcma', 'audio/pcmu']);

/** The texts of a folder's files whose names end in `ending`, but of the tables. */
function textsOf(folder: string, ending: string): string[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending) && !file.endsWith('error-codes.ts'))
    .map((file) => readFileSync(`${ROOT}${folder}/${file}`, 'utf8'));
}

const SOURCES = ['src', 'streams', 'server', 'cli', 'corpora', 'client', 'scripts'].flatMap((folder) =>
  textsOf(folder, '.ts'),
);
/** Without lists of codes that are asked about: they throw nothing. */
const THROWING = SOURCES.map((text) =>
  text.replace(/\[[^[\]]*\] satisfies ErrorCode\[\]/g, '').replace(/=== '[^']*'|'[^']*':/g, ''),
).join('\n');

/** Whether a code is quoted, or made of an area and a word that both are. */
function isThrown(code: string): boolean {
  const [area = '', what = ''] = code.split('/');
  const isQuoted = (text: string): boolean => THROWING.includes(`'${text}'`);
  const isMade = THROWING.includes(`\`\${area}/${what}\``) && isQuoted(area);
  const isRealtime = area === 'realtime' && isQuoted(what);
  return isQuoted(code) || isMade || isRealtime;
}

test('every code of the tables is thrown somewhere', () => {
  expect(CODES.filter((code) => !isThrown(code))).toEqual([]);
});

test('a misspelled code does not compile', () => {
  // @ts-expect-error -- `found`
  expect(new HearkenError('model/not-fuond', '').code).toBe('model/not-fuond');
  // @ts-expect-error -- the area is `wav`
  expect(unsupportedCodec('wave', 'MP3', 20).code).toBe('wave/unsupported');
});

test('a stream may end by a code of its server that this client does not know', () => {
  expect(new StreamError('newer/code', 'Expected').code).toBe('newer/code');
});

describe.each([
  ['the library and the server', ERROR_CODES],
  ['the client', CLIENT_ERROR_CODES],
])('the codes of %s', (_, table) => {
  test('stand in alphabetical order', () => {
    const codes = Object.keys(table);
    expect(codes).toEqual(codes.toSorted());
  });

  test('have one sentence each', () => {
    for (const meaning of Object.values(table)) expect(meaning).toMatch(/^[A-Z`][^\n|]*\.$/);
  });
});

test('the guide of errors has all codes, with what they mean', () => {
  expect(readFileSync(`${ROOT}docs/guides/errors.md`, 'utf8'), 'run npx tsx scripts/write-error-codes.ts').toBe(
    errorGuide(),
  );
});

test.each([
  ['guides', textsOf('docs/guides', '.md')],
  ['comments', SOURCES],
])('the codes that %s name are ones', (_, texts) => {
  const named = texts.flatMap((text) => [...text.matchAll(/`([a-z-]+)\/([a-z_-]+)`/g)]);
  const unknown = named
    .filter(([, area = '']) => AREAS.has(area))
    .map(([, area, what]) => `${area}/${what}`)
    .filter((code) => !CODES.includes(code) && !MEDIA_TYPES.has(code));
  expect(named.length).toBeGreaterThan(0);
  expect(unknown).toEqual([]);
});
