/** Sound files of any container that is read here, from bytes that arrive in any pieces. */
import { HearkenError } from '../errors.ts';
import { concatenate } from '../tensor/concatenate.ts';
import { expectAiff } from './aiff.ts';
import { expectAu } from './au.ts';
import { createBlockDecoder } from './block-decoder.ts';
import { expectCaf } from './caf.ts';
import type { InterleavedPiece } from './channels.ts';
import { type ChannelSelection, createPcmSampleDecoder } from './pcm.ts';
import { expectRiff } from './riff.ts';
import { decodeSamples, type SampleDecoder } from './sample-decoder.ts';
import { LONGEST_COLLECTED, type SoundFileArea, type SoundFormat, type SoundStage, type Stage } from './stages.ts';
import { expectW64 } from './w64.ts';

export type SoundFileContainer = 'aiff' | 'au' | 'caf' | 'w64' | 'wav';

/** The first stage of each, and the area of the codes of its errors. */
const CONTAINERS: Readonly<Record<SoundFileContainer, { readonly first: () => Stage; readonly area: SoundFileArea }>> =
  {
    aiff: { first: expectAiff, area: 'aiff' },
    au: { first: expectAu, area: 'au' },
    caf: { first: expectCaf, area: 'caf' },
    w64: { first: expectW64, area: 'wav' },
    wav: { first: expectRiff, area: 'wav' },
  };

export type SoundFileOptions = {
  readonly container: SoundFileContainer;
  /** Channels to read. Default `'mix'`: the mean of all. */ readonly channel?: ChannelSelection;
};

/**
 * Memory does not grow with the file. Integers are scaled to -1..1. What can be wrong before the samples is thrown by `push`
 * (and by `finish`, where the file ends there); what is wrong with the samples is told by `damage`, after all that could be
 * had:
 *
 * thrown: `area/not-...`, `area/format`, `area/unsupported`, `area/no-format`, `area/channel`, `area/truncated`; told:
 * `area/truncated`, `area/trailing-bytes`, `audio/damaged-block`, `audio/non-finite-sample`. Messages name the byte.
 */
export type SoundFileReader = SampleDecoder & {
  /** Undefined until the samples begin. */ readonly format: () => SoundFormat | undefined;
};

export function createSoundFileReader({ container, channel = 'mix' }: SoundFileOptions): SoundFileReader {
  const { first, area } = CONTAINERS[container];
  let stage = first();
  let stageStart = 0; // its first byte in the file
  let stageLength = 0; // how much of it has come
  const collected = new Uint8Array(LONGEST_COLLECTED);
  let sound: { readonly decoder: SampleDecoder; readonly format: SoundFormat } | undefined;
  let lastContent = 0; // bytes of a `rest` up to the last that is not zero
  let damage: HearkenError | undefined;

  const enter = (entered: Stage): void => {
    stage = entered;
    stageStart += stageLength;
    stageLength = 0;
    if (stage.kind === 'sound')
      sound = { decoder: openSound(stage, { area, channel, stageStart }), format: stage.format };
  };
  const closeSound = (): Float32Array => {
    const samples = sound?.decoder.finish() ?? new Float32Array(0);
    damage ??= inArea(sound?.decoder.damage(), area);
    return samples;
  };
  /** Gives how many of `bytes` this stage takes. */
  const take = (bytes: Uint8Array, pieces: Float32Array[]): number => {
    if (stage.kind === 'rest') {
      const content = bytes.findLastIndex((byte) => byte !== 0);
      if (content >= 0) lastContent = stageLength + content + 1;
      stageLength += bytes.length;
      return bytes.length;
    }
    const taken = Math.min(stage.length - stageLength, bytes.length);
    if (stage.kind === 'collect') collected.set(bytes.subarray(0, taken), stageLength);
    if (stage.kind === 'sound' && sound !== undefined) {
      pieces.push(sound.decoder.push(bytes.subarray(0, taken)));
      damage ??= sound.decoder.damage();
    }
    stageLength += taken;
    return taken;
  };
  /** Goes on to the stage after one that is complete. */
  const advance = (pieces: Float32Array[]): void => {
    while (stage.kind !== 'rest' && stageLength === stage.length) {
      if (damage !== undefined) return;
      if (stage.kind === 'sound') {
        pieces.push(closeSound());
        enter(stage.next());
      } else {
        enter(stage.next(new DataView(collected.buffer, 0, stage.kind === 'collect' ? stage.length : 0), stageStart));
      }
    }
  };

  return {
    push: (bytes) => {
      const pieces: Float32Array[] = [];
      for (let used = 0; used < bytes.length; ) {
        if (damage !== undefined) break;
        used += take(bytes.subarray(used), pieces);
        advance(pieces);
      }
      return pieces.length === 1 ? pieces[0]! : concatenate(pieces);
    },
    finish: () => {
      if (sound === undefined) throw headerTruncation(stage, { area, stageStart, stageLength });
      if (damage !== undefined) return new Float32Array(0);
      if (stage.kind === 'sound') {
        const samples = closeSound();
        damage = soundTruncation(stage, { area, stageStart, stageLength }) ?? damage;
        return samples;
      }
      if (stage.kind === 'rest') damage = stage.damageOf(lastContent);
      return new Float32Array(0);
    },
    damage: () => damage,
    format: () => sound?.format,
  };
}

type Place = { readonly area: SoundFileArea; readonly stageStart: number; readonly stageLength: number };

function headerTruncation(stage: Stage, { area, stageStart, stageLength }: Place): HearkenError {
  const expected =
    stage.kind === 'collect' || stage.kind === 'skip' ? `${stage.length} bytes of ${stage.what}` : 'samples';
  const got = `got ${stageLength}: the file ends at byte ${stageStart + stageLength}`;
  return new HearkenError(`${area}/truncated`, `Expected ${expected} at byte ${stageStart}, ${got}`);
}

function soundTruncation({ length }: SoundStage, { area, stageStart, stageLength }: Place): HearkenError | undefined {
  if (stageLength >= length || !Number.isFinite(length)) return undefined;
  const expected = `Expected ${length} bytes of samples at byte ${stageStart}`;
  const end = `the samples end at byte ${stageStart + stageLength}`;
  return new HearkenError(`${area}/truncated`, `${expected}, got ${stageLength}: ${end}`);
}

/** An error of a sample decoder, with the code and the words of its container. */
function inArea(damage: HearkenError | undefined, area: SoundFileArea): HearkenError | undefined {
  if (damage === undefined || !damage.code.endsWith('/truncated')) return damage;
  return new HearkenError(`${area}/truncated`, damage.message);
}

type Opening = { readonly area: SoundFileArea; readonly channel: ChannelSelection; readonly stageStart: number };

function openSound(stage: SoundStage, { area, channel, stageStart }: Opening): SampleDecoder {
  const { encoding, channelCount } = stage.format;
  if (typeof channel === 'number' && !(Number.isInteger(channel) && channel >= 0 && channel < channelCount)) {
    const expected = `Expected a channel in 0..${channelCount - 1}, which the recording has`;
    throw new HearkenError(`${area}/channel`, `${expected}, got ${channel}`);
  }
  const options = { channelCount, channel, byteOffset: stageStart };
  if (typeof encoding === 'string') return createPcmSampleDecoder({ ...options, encoding });
  return createBlockDecoder({ ...options, codec: encoding, frameCount: frameCountOf(stage) });
}

/** Frames that a file says it has, where they end in its last block; anything else is not believed. */
function frameCountOf({ format: { encoding }, length, frameCount }: SoundStage): number | undefined {
  if (typeof encoding === 'string' || frameCount === undefined || !Number.isFinite(length)) return undefined;
  const { blockBytes, frameCountOf: framesIn } = encoding;
  const inBlock = framesIn(blockBytes);
  const capacity = Math.floor(length / blockBytes) * inBlock + framesIn(length % blockBytes);
  return frameCount <= capacity && frameCount > capacity - inBlock ? frameCount : undefined;
}

/** The pieces are no longer than the chunks of bytes allow. Throws what `SoundFileReader` throws and tells, in its order. */
export async function* readSoundFile(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: SoundFileOptions,
): AsyncGenerator<InterleavedPiece, void, undefined> {
  const reader = createSoundFileReader(options);
  for await (const samples of decodeSamples(chunks, reader)) {
    const { sampleRate, channelCount } = reader.format()!; // there are samples
    yield { sampleRate, channelCount: options.channel === 'all' ? channelCount : 1, samples };
  }
}
