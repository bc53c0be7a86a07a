/** AU (`.snd` of Sun and NeXT, `.sd` of DEC), and the same with the lowest byte first. */
import { HearkenError } from '../errors.ts';
import { auCodecName, unsupportedCodec } from './codec-names.ts';
import { floatEncoding, integerEncoding, type SampleEncoding } from './sample-encoding.ts';
import { isSampleRate, isUnknownSize, nameAt, SAMPLE_RATES, skip, type Stage, trailing } from './stages.ts';

/** `.snd` and `.sd` with a zero, and both backwards; whether the lowest byte comes first. */
const MAGICS: Readonly<Record<number, boolean>> = {
  0x2e736e64: false,
  0x2e736400: false,
  0x646e732e: true,
  0x0064732e: true,
};
const HEADER_BYTES = 24;
const HIGHEST_CHANNEL_COUNT = 65_535;

/** Stages throw `au/not-au`, `au/format` or `au/unsupported`. */
export function expectAu(): Stage {
  return {
    kind: 'collect',
    what: 'an AU header',
    length: HEADER_BYTES,
    next: (view) => {
      const isLittleEndian = MAGICS[view.getUint32(0)];
      if (isLittleEndian === undefined) {
        throw new HearkenError('au/not-au', `Expected \`.snd\` at byte 0, got \`${nameAt(view, 0)}\``);
      }
      return readHeader(view, isLittleEndian);
    },
  };
}

function readHeader(view: DataView, isLittleEndian: boolean): Stage {
  const [start = 0, size = 0, code = 0, sampleRate = 0, channelCount = 0] = [4, 8, 12, 16, 20].map((offset) =>
    view.getUint32(offset, isLittleEndian),
  );
  expectField(start >= HEADER_BYTES, `samples at byte ${HEADER_BYTES} or later`, start, 4);
  expectField(isSampleRate(sampleRate), SAMPLE_RATES, sampleRate, 16);
  const channels = `1..${HIGHEST_CHANNEL_COUNT} channels`;
  expectField(channelCount >= 1 && channelCount <= HIGHEST_CHANNEL_COUNT, channels, channelCount, 20);
  const encoding = encodingOf(code, isLittleEndian);
  if (encoding === undefined) throw unsupportedCodec('au', auCodecName(code), 12);
  const length = size === 0 || isUnknownSize(size) ? Number.POSITIVE_INFINITY : size;
  return skip('an AU header', start - HEADER_BYTES, () => ({
    kind: 'sound',
    format: { sampleRate, channelCount, encoding },
    length,
    next: () => trailing('au', start + length, 0),
  }));
}

function encodingOf(code: number, isLittleEndian: boolean): SampleEncoding | undefined {
  switch (code) {
    case 1:
      return 'mulaw';
    case 2:
    case 3:
    case 4:
    case 5:
      return integerEncoding(code - 1, isLittleEndian);
    case 6:
      return floatEncoding(32, isLittleEndian);
    case 7:
      return floatEncoding(64, isLittleEndian);
    case 27:
      return 'alaw';
    default:
      return undefined;
  }
}

function expectField(holds: boolean, expected: string, got: number, position: number): void {
  if (!holds) throw new HearkenError('au/format', `Expected ${expected}, got ${got} at byte ${position}`);
}
