import type { Observable } from 'rxjs';

import { type ChannelsPiece, indexedChannel } from '../src/audio/channels.ts';
import { isSampleEncoding, SAMPLE_ENCODINGS, type SampleEncoding } from '../src/audio/sample-encoding.ts';
import type { ChannelOption, HearkenError } from '../src/index.ts';
import { audio, channels, fileBytes, pcm, standardInput, watch } from '../streams/index.ts';
import { existingFile } from './existing.ts';
import { UsageError } from './usage-error.ts';

/** Which channels are heard, and how raw samples on standard input are written. */
export type RecordingOptions = {
  /** Channels to recognize. Default `mix`. */ readonly channel?: ChannelOption;
  /** Sample rate of raw samples in Hz. */ readonly rate?: number;
  readonly format?: string;
  readonly channels?: number;
};

/** The samples of a recording: one channel or a mix at the wanted rate, or each channel at the recording's own. */
export type Sound = { readonly samples: Observable<Float32Array> } | { readonly channels: Observable<ChannelsPiece> };

/** A recording on its way in. */
export type Recording = {
  /** One that is cut short or broken ends; `damage` says so. */ readonly sound: Sound;
  /** Unknown for standard input. */ readonly totalBytes: number | undefined;
  readonly readBytes: () => number;
  readonly seconds: () => number;
  /** Number of channels, where each is recognized for itself. */ readonly channelCount: () => number | undefined;
  /** Why the recording ended before its time, once it has. */ readonly damage: () => HearkenError | undefined;
  /** Warnings about the recording, once it has ended. */ readonly warnings: () => readonly HearkenError[];
};

/** Opens a file, or standard input for `-`. Nothing is read before its sound is asked for. */
export async function openRecording(file: string, sampleRate: number, options: RecordingOptions): Promise<Recording> {
  const isStandardInput = file === '-';
  const totalBytes = isStandardInput ? undefined : await existingFile(file);
  const counts: Counts = { bytes: 0, samples: 0, rate: sampleRate };
  const source = isStandardInput ? standardInput() : fileBytes(file);
  const bytes = source.pipe(
    watch(({ length }) => {
      counts.bytes += length;
    }),
  );
  let damage: HearkenError | undefined;
  const warnings: HearkenError[] = [];
  const observer: RecordingObserver = {
    onDamage: (error) => {
      damage = error;
    },
    onWarning: (warning) => warnings.push(warning),
  };
  return {
    sound: soundOf(bytes, sampleRate, options, observer, counts),
    totalBytes,
    readBytes: () => counts.bytes,
    seconds: () => counts.samples / counts.rate,
    channelCount: () => counts.channels,
    damage: () => damage,
    warnings: () => warnings,
  };
}

type Counts = {
  bytes: number;
  /** Samples of one channel, at `rate`. */
  samples: number;
  rate: number;
  channels?: number;
};

/** Is told what is wrong with a recording. */
type RecordingObserver = {
  readonly onDamage: (damage: HearkenError) => void;
  readonly onWarning: (warning: HearkenError) => void;
};

function soundOf(
  bytes: Observable<Uint8Array>,
  sampleRate: number,
  options: RecordingOptions,
  { onDamage, onWarning }: RecordingObserver,
  counts: Counts,
): Sound {
  const channel = indexedChannel(options.channel ?? 'mix');
  const raw = rawOf(options);
  if (channel === 'each') {
    const counted = watch((piece: ChannelsPiece) => {
      counts.channels = piece.channels.length;
      counts.samples += piece.channels[0]?.length ?? 0;
      counts.rate = piece.sampleRate;
    });
    return { channels: bytes.pipe(channels({ raw, onDamage }), counted) };
  }
  const chosen = { sampleRate, channel, onDamage, onWarning };
  const counted = watch(({ length }: Float32Array) => {
    counts.samples += length;
  });
  return { samples: bytes.pipe(raw === undefined ? audio(chosen) : pcm({ ...raw, ...chosen }), counted) };
}

type Raw = { readonly inputRate: number; readonly encoding: SampleEncoding; readonly channelCount: number };

function rawOf({ rate, format, channels: channelCount = 1 }: RecordingOptions): Raw | undefined {
  if (rate === undefined || format === undefined) return undefined;
  if (!isSampleEncoding(format)) {
    throw new UsageError(`Expected --format in ${SAMPLE_ENCODINGS.join(', ')}, got ${format}`);
  }
  return { inputRate: rate, encoding: format, channelCount };
}
