import { type Command, Option } from 'commander';

import type { ChannelOption } from '../src/index.ts';
import { channelOption } from './channel-option.ts';
import { existingFile } from './existing.ts';
import { listenForInterruption } from './interruption.ts';
import type { ListenOptions, ListenSource } from './listen-to-server.ts';
import { numberIn, SAMPLE_RATES, wholeNumber } from './options.ts';
import { UsageError } from './usage-error.ts';

type CommandOptions = ListenOptions & {
  readonly microphone?: true;
  readonly tokens?: true;
  readonly channel?: ChannelOption;
  readonly rate?: number;
  readonly format?: string;
};

const DETAILS = `
The stream survives a lost connection and a server that restarts: what the server has not made durable is sent again, and
every final comes exactly once. A server that says nothing for --lost-after seconds counts as lost; one that is not there is tried again, --tries
times with waits of up to 10 s; an address where something else answers is refused at once.

With --tokens the input is numbers with white space between, which a token model of the server is told one after the other. For each comes a
line: its place from 0 on, the likeliest label after it, and how likely that is; 64 at a time, and the rest at the end.

Examples:
  hearken listen call.wav --url ws://127.0.0.1:8080/v1/stream
  hearken listen call.wav --url ws://127.0.0.1:8080/v1/stream --json     one event a line
  hearken listen --microphone --url ws://127.0.0.1:8080/v1/stream        with arecord, rec or parec
  ffmpeg -i radio.m3u8 -f s16le -ac 1 -ar 16000 - | hearken listen - --rate 16000 --format s16le --url ...
  seq 0 7 | hearken listen - --tokens --model recall --url ws://127.0.0.1:8080/v1/stream`;

export function addListen(program: Command): void {
  program
    .command('listen')
    .summary('words from a hearken server, live')
    .description('Sends a recording, standard input or the microphone to a hearken server and prints what it hears.')
    .argument('[file]', 'recording, or ids of tokens; - for standard input')
    .requiredOption('-u, --url <url>', 'stream address of the server, ws://HOST:PORT/v1/stream')
    .option('-m, --model <id>', "one of the server's models (default: its first)")
    .addOption(
      new Option('--api-key <key>', 'key or token that the server asks for; better not on the command line').env(
        'HEARKEN_API_KEY',
      ),
    )
    .option('-g, --grammar <name>', "what may be said: one of the model's grammars, or words separated by commas")
    .option('--tries <number>', 'tries in vain to connect again, in a row (default: 5)', wholeNumber(0, 1_000_000))
    .option(
      '--lost-after <seconds>',
      'silence of the server that ends a connection, 1 to 3600, once connected 4 at least (default: 10)',
      numberIn(1, 3_600),
    )
    .option('--json', 'print every event as a line of JSON')
    .option('--attention', 'tell at which moments of the past the model looked for each word')
    .addOption(new Option('--microphone', 'listen to the microphone until Ctrl-C').conflicts(['rate', 'format']))
    .addOption(
      new Option('--tokens', 'send ids of tokens, as text, to a token model').conflicts([
        'microphone',
        'rate',
        'format',
        'grammar',
        'attention',
      ]),
    )
    .option('--channel <which>', 'of a recording: mix, left, right, or a number from 0 (default: mix)', channelOption)
    .option('--rate <Hz>', 'sample rate of raw standard input', wholeNumber(SAMPLE_RATES.lowest, SAMPLE_RATES.highest))
    .option('--format <name>', 'sample format of raw standard input: s16le, f32le, mulaw, ...')
    .addHelpText('after', DETAILS)
    .action(async (file: string | undefined, options: CommandOptions) => {
      const source = await sourceOf(file, options);
      using interruption = listenForInterruption();
      const { listenToServer } = await import('./listen-to-server.ts');
      await listenToServer(source, options, interruption.signal);
    });
}

/** The source that the arguments name. Throws a usage error unless exactly one is named, and it is there. */
async function sourceOf(
  file: string | undefined,
  { url, microphone, tokens, channel, rate, format }: CommandOptions,
): Promise<ListenSource> {
  if (!/^wss?:\/\//.test(url)) throw new UsageError(`Expected --url to begin with ws:// or wss://, got ${url}`);
  if ((file === undefined) === (microphone === undefined)) {
    throw new UsageError('Expected a file, -, or --microphone, and one of them');
  }
  if (file === undefined) return 'microphone';
  if ((rate === undefined) !== (format === undefined)) {
    throw new UsageError('Expected --rate and --format together, got one of them');
  }
  if (rate !== undefined && file !== '-') throw new UsageError('Expected raw samples (--rate, --format) from -');
  if (file !== '-') await existingFile(file);
  if (channel === 'each') throw new UsageError('Expected --channel of one channel, got each');
  if (tokens) return { tokens: file };
  return {
    file,
    ...(channel !== undefined && { channel }),
    ...(rate !== undefined && { rate }),
    ...(format !== undefined && { format }),
  };
}
