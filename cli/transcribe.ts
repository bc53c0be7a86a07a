import { fstatSync, statSync } from 'node:fs';
import { type Command, Option } from 'commander';

import { SAMPLE_ENCODINGS } from '../src/audio/sample-encoding.ts';
import type { ChannelOption, StreamingDevice } from '../src/index.ts';
import { channelOption } from './channel-option.ts';
import { addCodeForm, type CodeFormOptions, codeFormOf } from './code-form.ts';
import { deviceOption } from './device-option.ts';
import { existingFile } from './existing.ts';
import { listenForInterruption } from './interruption.ts';
import { modelArgument } from './model-argument.ts';
import { SAMPLE_RATES, wholeNumber } from './options.ts';
import { type FileKind, openOutputFile } from './output-file.ts';
import { UsageError } from './usage-error.ts';

/** Options as commander gives them. */
export type TranscribeCommandOptions = CodeFormOptions & {
  readonly model: string;
  readonly device: StreamingDevice;
  readonly grammar?: string;
  readonly json?: true;
  readonly srt?: true;
  readonly attention?: string;
  readonly channel?: ChannelOption;
  readonly rate?: number;
  readonly format?: string;
  readonly channels?: number;
};

const DETAILS = `
WAV, AIFF, AU, CAF and W64 are read, of any length and in flat memory; FLAC, MP3, Ogg, Opus, M4A and others where the
package audio-decode is installed (docs/guides/audio-formats.md has the list). - reads standard input: a recording, or raw samples where --rate and --format say how.

Examples:
  hearken transcribe call.wav
  hearken transcribe --grammar digits pin.wav
  hearken transcribe --grammar menu.txt choice.wav      only the words of a file, # begins a comment
  hearken transcribe --grammar menu.gram choice.wav     only what rules in JSGF or GRXML allow
  hearken transcribe --pattern '\\d{16}' --check luhn card.wav      codes, as they are written, too
  hearken transcribe --json *.wav > transcripts.json
  hearken transcribe --srt talk.wav > talk.srt
  hearken transcribe --channel each call.wav            two people, each on a channel
  hearken transcribe --attention map.png call.wav       draw where was looked for each word
  arecord -t raw -f S16_LE -r 16000 | hearken transcribe --rate 16000 --format s16le -`;

export function addTranscribe(program: Command): void {
  const command = program
    .command('transcribe')
    .summary('words with times from recordings')
    .description('Prints the words of recordings with their times, as soon as they are settled.')
    .argument('<files...>', 'recordings; - for standard input')
    .option('-m, --model <folder>', 'model folder, or the name of a model that comes with hearken', 'codes-en')
    .addOption(deviceOption())
    .option(
      '-g, --grammar <name>',
      "what may be said: one of the model's grammars, a file of words or of rules (JSGF, GRXML), or builtin:grammar/digits",
    );
  addCodeForm(command)
    .addOption(new Option('--json', 'print one array with an entry a recording').conflicts('srt'))
    .option('--srt', 'print subtitles')
    .option('--attention <file.png>', 'draw where the decoder and the memory looked for each word')
    .option(
      '--channel <which>',
      'mix, each (for itself), left, right, or a number from 0 (default: mix)',
      channelOption,
    )
    .option('--rate <Hz>', 'sample rate of raw standard input', wholeNumber(SAMPLE_RATES.lowest, SAMPLE_RATES.highest))
    .addOption(new Option('--format <name>', 'sample format of raw standard input').choices(SAMPLE_ENCODINGS))
    .option('--channels <count>', 'channels of raw standard input (default: 1)', wholeNumber(1, 65_535))
    .addHelpText('after', DETAILS)
    .action(async (files: readonly string[], options: TranscribeCommandOptions) => {
      await assertUsable(files, options);
      const form = await codeFormOf(options);
      const { attention, grammar, ...rest } = options;
      const model = modelArgument(options.model, 'audio');
      await using picture =
        attention === undefined
          ? undefined
          : await openOutputFile(attention, {
              option: '--attention',
              kind: PNG,
              inputs: grammar === undefined ? files : [...files, grammar],
            });
      using interruption = listenForInterruption();
      const { transcribeFiles } = await import('./transcribe-files.ts');
      await transcribeFiles(
        files,
        { ...rest, ...(grammar !== undefined && { grammar }), form, model, picture },
        interruption.signal,
      );
    });
}

const PNG: FileKind = { name: 'a PNG picture', signature: Buffer.from('\x89PNG\r\n\x1a\n', 'latin1') };

/** Refuses what cannot work before anything is done. */
async function assertUsable(files: readonly string[], options: TranscribeCommandOptions): Promise<void> {
  const { srt, attention, channel, rate, format, channels } = options;
  if (attention !== undefined && channel === 'each') {
    throw new UsageError('Expected --attention of one channel, got --channel each');
  }
  if (files.length > 1 && (srt || attention !== undefined)) {
    throw new UsageError(`Expected one recording with --${srt ? 'srt' : 'attention'}, got ${files.length}`);
  }
  const isRaw = rate !== undefined || format !== undefined || channels !== undefined;
  if (isRaw && (rate === undefined || format === undefined)) {
    throw new UsageError('Expected --rate and --format together, got one of them');
  }
  if (isRaw && files.some((file) => file !== '-')) {
    throw new UsageError('Expected raw samples (--rate, --format) from standard input, -');
  }
  if (files.filter((file) => file === '-').length > 1) throw new UsageError('Expected - once');
  for (const file of files) {
    if (file === '-') continue;
    await existingFile(file);
    if (isStandardOutput(file)) throw new UsageError(`Expected standard output to be no recording, got ${file}`);
  }
}

/** Whether what is printed would be appended to `file`. */
function isStandardOutput(file: string): boolean {
  const [out, one] = [fstatSync(1), statSync(file)];
  return out.isFile() && out.dev === one.dev && out.ino === one.ino;
}
