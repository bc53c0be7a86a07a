/** Containers and codecs other than WAV, by the names that audio-decode gives them. */
export type CompressedContainer =
  | 'aac'
  | 'aiff'
  | 'amr'
  | 'caf'
  | 'flac'
  | 'm4a'
  | 'mp3'
  | 'oga'
  | 'opus'
  | 'webm'
  | 'wma';

export type Container = 'wav' | CompressedContainer;

/** Bytes at a file's start that tell containers apart. */
export const CONTAINER_HEAD_BYTES: number = 36;

type Signature = { readonly container: Container; readonly at: number; readonly text: string };

/** In order: what stands first wins. RIFX is WAV too, so that the WAV reader can say what is wrong with it. */
const SIGNATURES: readonly Signature[] = [
  { container: 'wav', at: 0, text: 'RIFF' },
  { container: 'wav', at: 0, text: 'RF64' },
  { container: 'wav', at: 0, text: 'BW64' },
  { container: 'wav', at: 0, text: 'RIFX' },
  { container: 'flac', at: 0, text: 'fLaC' },
  { container: 'opus', at: 28, text: 'OpusHead' },
  { container: 'flac', at: 28, text: '\x7fFLAC' },
  { container: 'oga', at: 0, text: 'OggS' },
  { container: 'mp3', at: 0, text: 'ID3' },
  { container: 'm4a', at: 4, text: 'ftyp' },
  { container: 'aiff', at: 8, text: 'AIFF' },
  { container: 'aiff', at: 8, text: 'AIFC' },
  { container: 'caf', at: 0, text: 'caff' },
  { container: 'webm', at: 0, text: '\x1a\x45\xdf\xa3' },
  { container: 'amr', at: 0, text: '#!AMR' },
  { container: 'wma', at: 0, text: '\x30\x26\xb2\x75' },
];

/** What a file holds, by its first bytes (up to `CONTAINER_HEAD_BYTES`); undefined for what is no audio known here. */
export function containerOf(head: Uint8Array): Container | undefined {
  const text = String.fromCharCode(...head.subarray(0, CONTAINER_HEAD_BYTES));
  return SIGNATURES.find((signature) => text.startsWith(signature.text, signature.at))?.container ?? mpegAudio(head);
}

/** Eleven set bits begin every frame of MPEG audio; the layer bits are 0 in AAC only. */
function mpegAudio([first = 0, second = 0]: Uint8Array): 'aac' | 'mp3' | undefined {
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined;
  return (second & 0x06) === 0 ? 'aac' : 'mp3';
}
