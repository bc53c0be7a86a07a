/** Identifiers and files are spelled as the field's libraries spell them, in American English; prose is not looked at. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

const STEMS =
  'author|categor|central|character|custom|equal|final|general|initial|local|maxim|memor|minim|normal|optim|organ|parallel|prior|quant|random|real|recogn|serial|stabil|standard|summar|synchron|synthes|token|util|vector|visual';
const BRITISH = new RegExp(
  `(?:${STEMS})is(?:e|ed|er|ers|es|ing|ation|ations)(?![a-z])|analys(?:ed|er|ers|ing|e(?!s))|colour|behaviour|neighbour|favour|flavour|honour|centre|fibre|grey`,
  'i',
);

/** What a source holds, up to its next identifier: comments, strings, templates and names. */
const TOKENS =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<![\w$-])[A-Za-z_$][\w$]*/g;

function identifiersIn(source: string): string[] {
  return (source.match(TOKENS) ?? []).flatMap((token) => {
    if (token.startsWith('`'))
      return [...token.matchAll(/\$\{([^{}]*)\}/g)].flatMap(([, code]) => identifiersIn(code ?? ''));
    return /^['"/]/.test(token) ? [] : [token];
  });
}

/** Camel case as words: `isNormalisedBy` is looked at as `is Normalised By`. */
function isBritish(name: string): boolean {
  return BRITISH.test(name.replace(/([a-z\d])([A-Z])/g, '$1 $2'));
}

function trackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n');
  return listed.filter((file) => file !== '' && existsSync(file));
}

test('identifiers are spelled in American English', () => {
  const sources = trackedFiles().filter((file) => /\.(?:ts|tsx)$/.test(file));
  const british = sources.flatMap((file) => {
    const names = new Set(identifiersIn(readFileSync(file, 'utf8')).filter(isBritish));
    return [...names].map((name) => `${file}: ${name}`);
  });
  expect(british).toEqual([]);
});

test('files and folders are spelled in American English', () => {
  // The folder of old names holds files under the names that they had.
  expect(trackedFiles().filter((file) => isBritish(file) && !file.startsWith('tests/model/old-names/'))).toEqual([]);
});

test('a British identifier is found, and prose and other words are not', () => {
  const source = "/* normalised */ const noise = recogniseAll('summarise', `${colourOf(promise)} grey`); // centre";
  expect(identifiersIn(source).filter(isBritish)).toEqual(['recogniseAll', 'colourOf']);
  expect(['analysis', 'raised', 'isFinalised', 'seriesOf', 'tokenSerialiser'].filter(isBritish)).toEqual([
    'isFinalised',
    'tokenSerialiser',
  ]);
});
