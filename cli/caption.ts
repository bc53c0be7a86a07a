/** `hearken caption`: what a model of images says of one, and where each word looks. */
import { readFile } from 'node:fs/promises';

import type { Command } from 'commander';

import type { StreamingDevice } from '../src/index.ts';
import { deviceOption, tellDevice } from './device-option.ts';
import { existingFile } from './existing.ts';
import { listenForInterruption } from './interruption.ts';
import { modelArgument } from './model-argument.ts';
import { wholeNumber } from './options.ts';
import { openOutputFile } from './output-file.ts';
import { UsageError } from './usage-error.ts';

type CaptionOptions = {
  readonly model: string;
  readonly beam: number;
  readonly invert?: true;
  readonly device: StreamingDevice;
  readonly attention?: string;
  readonly json?: true;
};

const NAME = 'caption-digits';
const SVG = { name: 'an SVG picture', signature: new TextEncoder().encode('<svg') };
/** A file beyond this is no image that fits. */
const MOST_BYTES = 2 ** 27;

const DETAILS = `
An image is PNG, JPEG or PGM. It is seen as brightness, as large as it fits into what the model takes in. The model that
comes with hearken knows handwritten digits, bright on black, and says which stand where.

Examples:
  hearken caption samples/digits.png
  hearken caption --attention looks.svg samples/digits.png
  hearken caption --invert --json scanned.jpg`;

export function addCaption(program: Command): void {
  program
    .command('caption')
    .summary('say what an image shows, and where each word looks')
    .description('Writes a caption of an image by a model of images.')
    .argument('<image>', 'image file: PNG, JPEG or PGM')
    .option('--model <folder>', 'model folder, or the name of a model that comes with hearken', NAME)
    .option('--beam <width>', 'hypotheses that are kept after each word', wholeNumber(1, 4_096), 4)
    .option('--invert', 'what is dark in the image is bright: ink on paper')
    .addOption(deviceOption())
    .option('--attention <file>', 'draw as SVG where each word looked')
    .option('--json', 'print JSON, with the score and the shares of attention')
    .addHelpText('after', DETAILS)
    .action(runCaption);
}

async function runCaption(path: string, options: CaptionOptions): Promise<void> {
  const { attention, json, device, invert, beam } = options;
  const size = await existingFile(path);
  if (size > MOST_BYTES) throw new UsageError(`Expected an image of ${MOST_BYTES} bytes at the most, got ${size}`);
  const folder = modelArgument(options.model, 'image');
  await using picture =
    attention === undefined
      ? undefined
      : await openOutputFile(attention, { option: '--attention', kind: SVG, inputs: [path] });
  const { fitted, readImage } = await import('./picture/image-file.ts');
  const shown = readImage(await readFile(path));
  const { loadSequenceModel } = await import('../src/sequence/load-model.ts');
  const { readModelConfig } = await import('../src/model/config-file.ts');
  const { source } = await readModelConfig(folder);
  if (source.kind !== 'image' || source.channels !== 1) {
    throw new UsageError(`Expected a model of images of 1 channel, got one of ${source.kind}`);
  }
  using interruption = listenForInterruption();
  await using model = await loadSequenceModel(folder, { device });
  tellDevice(model);
  const { height, width } = source;
  const bright = invert ? { ...shown, pixels: shown.pixels.map((pixel) => 1 - pixel) } : shown;
  const image = fitted(bright, height, width);
  const [best] = await model.decode({ ...image, channels: 1 }, { beamSize: beam, signal: interruption.signal });
  if (best === undefined) return;
  process.stdout.write(`${json ? JSON.stringify({ image: path, ...best }) : best.text}\n`);
  if (picture === undefined || best.grid === undefined) return;
  const { glimpsePicture } = await import('./picture/glimpse-picture.ts');
  const { alignment, outputSymbols: words, grid } = best;
  await picture.replace(new TextEncoder().encode(glimpsePicture({ image, words, alignment, grid })));
}
