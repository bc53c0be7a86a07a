import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readMessages } from '../../../corpora/catalogs/message-file.ts';
import { missingPrograms, skipNote } from '../../installed.ts';

const missing = missingPrograms('msgfmt');
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearken-messages-'));
});
afterAll(() => rm(folder, { recursive: true }));

function catalogue(charset: string): string {
  return `msgid ""
msgstr "Content-Type: text/plain; charset=${charset}\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "File not found"
msgstr "Datei nicht gefunden"

msgctxt "menu"
msgid "_Open"
msgstr "Ö_ffnen"

msgid "%d file"
msgid_plural "%d files"
msgstr[0] "%d Datei"
msgstr[1] "%d Dateien"

#, fuzzy
msgid "Guessed"
msgstr "Geraten"

msgid "Not yet"
msgstr ""
`;
}

describe.skipIf(missing.length > 0)(`a file of messages that msgfmt made${skipNote(missing)}`, () => {
  const messages = [
    { sources: ['%d file', '%d files'], targets: ['%d Datei', '%d Dateien'] },
    { sources: ['File not found'], targets: ['Datei nicht gefunden'] },
    { sources: ['_Open'], targets: ['Ö_ffnen'] },
  ];

  async function compiled(charset: 'UTF-8' | 'ISO-8859-1', ...options: string[]): Promise<Buffer> {
    const [from, to] = [join(folder, 'de.po'), join(folder, 'de.mo')];
    await writeFile(from, catalogue(charset), charset === 'UTF-8' ? 'utf8' : 'latin1');
    execFileSync('msgfmt', [...options, '-o', to, from]);
    return readFile(to);
  }

  test('is read without header, contexts and what is not translated', async () => {
    expect(readMessages(await compiled('UTF-8'))).toEqual(messages);
  });

  test('is read in either order of bytes', async () => {
    expect(readMessages(await compiled('UTF-8', '--endianness=big'))).toEqual(messages);
  });

  test('is read in the encoding that its header tells', async () => {
    const bytes = await compiled('ISO-8859-1');
    expect(bytes.includes(Buffer.from('Ö', 'latin1'))).toBe(true);
    expect(readMessages(bytes)).toEqual(messages);
  });

  test('is refused where it was cut off', async () => {
    const bytes = await compiled('UTF-8');
    for (let length = 0; length < bytes.length - 1; length += 1) {
      expect(() => readMessages(bytes.subarray(0, length))).toThrow('Expected a GNU MO file');
    }
  });
});

test('bytes that are no file of messages are refused', () => {
  expect(() => readMessages(new Uint8Array(40))).toThrow('Expected a GNU MO file, got another beginning');
});
