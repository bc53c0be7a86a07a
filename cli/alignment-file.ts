/** The file that `--attention` names: a picture of which symbols of an input each symbol of an output looked at. */
import { openOutputFile, type OutputFile } from './output-file.ts';
import { type Alignment, alignmentPicture } from './picture/alignment-picture.ts';
import { UsageError } from './usage-error.ts';

const SVG = { name: 'an SVG picture', signature: new TextEncoder().encode('<svg') };

/** Opens `path` for the alignment of the one text of `texts`. Throws a usage error where there is not one, and as `openOutputFile`. */
export async function openAlignmentFile(path: string, texts: readonly string[]): Promise<OutputFile> {
  if (texts.length !== 1) throw new UsageError(`Expected one TEXT to draw the attention of, got ${texts.length}`);
  return openOutputFile(path, { option: '--attention', kind: SVG, inputs: [] });
}

/** Writes the picture. */
export async function drawAlignment(file: OutputFile, alignment: Alignment, title: string): Promise<void> {
  await file.replace(new TextEncoder().encode(alignmentPicture(alignment, title)));
}
