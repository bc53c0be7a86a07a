/** Codecs that are not read, by what files call them, so that a refusal can say which one it was. */
import { HearkenError } from '../errors.ts';
import type { SoundFileArea } from './stages.ts';

/** Hint for messages: how to convert whatever ffmpeg reads to something that is read here. */
export const CONVERSION_HINT = '`ffmpeg -i X -f wav - | hearken transcribe -` hears whatever ffmpeg reads';

/** Format tags of WAV and W64 (Microsoft's mmreg.h). */
const WAVE_CODECS: Readonly<Record<number, string>> = {
  0x0005: 'CVSD',
  0x000a: 'Windows Media Voice',
  0x0010: 'OKI ADPCM',
  0x0014: 'G.723 ADPCM',
  0x0017: 'Dialogic OKI ADPCM',
  0x0020: 'Yamaha ADPCM',
  0x0022: 'DSP Group TrueSpeech',
  0x0030: 'Dolby AC-2',
  0x0038: 'AMR',
  0x0040: 'G.721 ADPCM',
  0x0041: 'G.728 CELP',
  0x0042: 'G.723.1',
  0x0045: 'G.726 ADPCM',
  0x0050: 'MPEG layer 2',
  0x0055: 'MP3',
  0x0057: 'AMR',
  0x0058: 'AMR-WB',
  0x0061: 'Duck DK4 ADPCM',
  0x0062: 'Duck DK3 ADPCM',
  0x0064: 'G.726 ADPCM',
  0x0065: 'G.722 ADPCM',
  0x0075: 'Voxware MetaSound',
  0x0083: 'G.729',
  0x00ff: 'AAC',
  0x0111: 'G.723.1',
  0x0130: 'ACELP.net',
  0x0160: 'Windows Media Audio',
  0x0161: 'Windows Media Audio',
  0x0162: 'Windows Media Audio Professional',
  0x0163: 'Windows Media Audio Lossless',
  0x0200: 'Creative ADPCM',
  0x0270: 'ATRAC3',
  0x028f: 'G.722 ADPCM',
  0x1600: 'AAC',
  0x2000: 'AC-3',
  0x2001: 'DTS',
  0x566f: 'Vorbis',
  0x729a: 'G.729',
  0xa100: 'G.723.1',
  0xa109: 'Speex',
  0xf1ac: 'FLAC',
};

export function waveCodecName(tag: number): string {
  const number = `format 0x${tag.toString(16).padStart(4, '0')}`;
  const name = WAVE_CODECS[tag];
  return name === undefined ? `a codec of unknown name (${number})` : `${name} (${number})`;
}

/** Four-letter codes of AIFC and CAF. */
const APPLE_CODECS: Readonly<Record<string, string>> = {
  ACE2: 'ACE 2:1',
  ACE8: 'ACE 8:3',
  ADP4: 'Intel ADPCM',
  Qclp: 'Qualcomm PureVoice',
  QDMC: 'QDesign Music',
  QDM2: 'QDesign Music 2',
  G722: 'G.722 ADPCM',
  G726: 'G.726 ADPCM',
  G728: 'G.728 CELP',
  DWVW: 'delta with variable word width',
  MAC3: 'MACE 3:1',
  MAC6: 'MACE 6:1',
  rt24: 'RT24',
  rt29: 'RT29',
  'aac ': 'AAC',
  aach: 'HE-AAC',
  alac: 'ALAC',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
  '.mp1': 'MPEG layer 1',
  '.mp2': 'MPEG layer 2',
  '.mp3': 'MP3',
  opus: 'Opus',
  flac: 'FLAC',
  ilbc: 'iLBC',
  samr: 'AMR',
  sawb: 'AMR-WB',
};

export function appleCodecName(code: string): string {
  const name = APPLE_CODECS[code];
  return name === undefined ? `a codec of unknown name (\`${code}\`)` : `${name} (\`${code}\`)`;
}

/** Encodings of AU files (Sun's audio_filehdr.h). */
const AU_CODECS: Readonly<Record<number, string>> = {
  8: 'fragmented samples',
  10: 'a DSP program',
  23: 'G.721 ADPCM',
  24: 'G.722 ADPCM',
  25: 'G.723 ADPCM of 3 bits',
  26: 'G.723 ADPCM of 5 bits',
};

export function auCodecName(encoding: number): string {
  const name = AU_CODECS[encoding];
  return name === undefined ? `a codec of unknown name (${encoding})` : `${name} (${encoding})`;
}

/** `area/unsupported`, which names the codec, its place, and a way to hear the recording nevertheless. */
export function unsupportedCodec(area: SoundFileArea, name: string, position: number): HearkenError {
  const expected = 'Expected PCM, float, A-law, mu-law, GSM 6.10 or ADPCM samples';
  return new HearkenError(`${area}/unsupported`, `${expected}, got ${name} at byte ${position}; ${CONVERSION_HINT}`);
}
