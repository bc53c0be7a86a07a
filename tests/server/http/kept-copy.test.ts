import { expect, test } from 'vitest';

import { createFileCopy } from '../../../server/http/file-copy.ts';

const MIB = 2 ** 20;

async function* pieces(count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield new Uint8Array(MIB).fill(index);
}

async function bytesIn(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of source) all.push(piece);
  return Buffer.concat(all);
}

test('what is kept is given on, and given again', async () => {
  const copy = createFileCopy();
  const whole = await bytesIn(copy.keep(pieces(5)));
  expect(whole).toHaveLength(5 * MIB);
  expect((await bytesIn(copy.read())).equals(whole)).toBe(true);
  await copy.discard();
});

test('of more than 64 MiB all is given on, and nothing kept', async () => {
  const copy = createFileCopy();
  expect(await bytesIn(copy.keep(pieces(66)))).toHaveLength(66 * MIB);
  expect(() => copy.read()).toThrow(/fields that say how to hear before `file`.*longer than 67108864 bytes/);
  await copy.discard();
});
