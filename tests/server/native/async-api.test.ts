import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { asyncApiDocument } from '../../../server/native/async-api.ts';

test('the document of the protocol is the one that the server checks messages with', () => {
  const path = new URL('../../../docs/guides/live-streams.asyncapi.json', import.meta.url);
  expect(JSON.parse(readFileSync(path, 'utf8')), 'run npx tsx scripts/make-async-api.ts').toEqual(asyncApiDocument());
});

const INSTALLED = fileURLToPath(new URL('../../../.data/asyncapi/', import.meta.url));
const PARSER = join(INSTALLED, 'node_modules/@asyncapi/parser/esm/index.js');
const lacks = existsSync(PARSER) ? '' : ' (skipped: no `npm install --prefix .data/asyncapi @asyncapi/parser`)';

test.skipIf(lacks !== '')(
  `the published parser of AsyncAPI finds nothing wrong with the document${lacks}`,
  async () => {
    const { Parser } = (await import(PARSER)) as {
      Parser: new () => {
        parse: (text: string) => Promise<{ document?: { version: () => string }; diagnostics: unknown[] }>;
      };
    }; // as its documentation says
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncApiDocument()));
    expect(diagnostics).toEqual([]);
    expect(document?.version()).toBe('3.1.0');
  },
);
