import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { asyncApiDocument } from '../../../server/native/async-api.ts';

test('the document of the protocol is the one that the server checks messages with', () => {
  const path = new URL('../../../docs/guides/live-streams.asyncapi.json', import.meta.url);
  expect(JSON.parse(readFileSync(path, 'utf8')), 'run npx tsx scripts/make-async-api.ts').toEqual(asyncApiDocument());
});
