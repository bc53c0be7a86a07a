// `npx tsx scripts/draw-scene.ts [INDEX [DIGITS]]`: writes samples/digits.png, a scene for tests of models/caption-digits, with its caption in
// samples/digits.txt.
import { writeFile } from 'node:fs/promises';

import { PNG } from 'pngjs';

import { sceneOf, SIDE } from '../models/caption-digits/scenes.ts';
import { integerIn } from '../src/arguments.ts';

const [index = 0, digits = 4] = process.argv.slice(2).map(Number);
integerIn(0)('INDEX', index);
integerIn(1)('DIGITS', digits);
const { pixels, caption } = sceneOf('test', 2, index, digits);
const png = new PNG({ width: SIDE, height: SIDE });
for (const [place, pixel] of pixels.entries()) {
  const level = Math.round(255 * pixel);
  png.data.set([level, level, level, 255], 4 * place);
}
await writeFile('samples/digits.png', PNG.sync.write(png, { colorType: 0 }));
await writeFile('samples/digits.txt', `${caption}\n`);
