/** What a file holds, told by its first bytes. */
import { adtsFrameBytes, mpegFrameBytes } from './mpeg-frame.ts';
import type { SoundFileContainer } from './sound-file.ts';

/** Containers and codecs that are read through `audio-decode`, by the names that it gives them. */
export type CompressedContainer = 'aac' | 'amr' | 'flac' | 'm4a' | 'mp3' | 'oga' | 'opus' | 'webm' | 'wma';

/** `read`: by `readSoundFile`; `peer`: through `audio-decode`; `unread`: known by name only. */
export type Container =
  | { readonly by: 'read'; readonly name: SoundFileContainer }
  | { readonly by: 'peer'; readonly name: CompressedContainer }
  | { readonly by: 'unread'; readonly name: string };

/** Bytes at a file's start that tell containers apart. */
export const CONTAINER_HEAD_BYTES = 36;

type Signature = { readonly at: number; readonly text: string; readonly container: Container };

function read(name: SoundFileContainer, text: string, at = 0): Signature {
  return { at, text, container: { by: 'read', name } };
}

function peer(name: CompressedContainer, text: string, at = 0): Signature {
  return { at, text, container: { by: 'peer', name } };
}

function unread(name: string, text: string, at = 0): Signature {
  return { at, text, container: { by: 'unread', name } };
}

/** Position in bytes of the first packet of an Ogg stream, which has its page to itself. */
const OGG_PACKET = 28;

/** Signatures of containers, in the order in which they are tried: the first that fits wins. */
const SIGNATURES: readonly Signature[] = [
  unread('AVI video', 'AVI ', 8),
  read('wav', 'RIFF'),
  read('wav', 'RIFX'),
  read('wav', 'RF64'),
  read('wav', 'BW64'),
  read('w64', 'riff\x2e\x91\xcf\x11'),
  read('aiff', 'AIFF', 8),
  read('aiff', 'AIFC', 8),
  read('caf', 'caff'),
  read('au', '.snd'),
  read('au', '.sd\0'),
  read('au', 'dns.'),
  read('au', '\0ds.'),
  peer('flac', 'fLaC'),
  peer('opus', 'OpusHead', OGG_PACKET),
  peer('flac', '\x7fFLAC', OGG_PACKET),
  unread('Speex in Ogg', 'Speex   ', OGG_PACKET),
  unread('Theora in Ogg', '\x80theora', OGG_PACKET),
  unread('Ogg with a skeleton', 'fishead\0', OGG_PACKET),
  peer('oga', 'OggS'),
  peer('mp3', 'ID3'),
  peer('m4a', 'ftyp', 4),
  peer('webm', '\x1a\x45\xdf\xa3'),
  peer('amr', '#!AMR'),
  peer('wma', '\x30\x26\xb2\x75'),
  unread('NIST SPHERE', 'NIST_1A'),
  unread('Creative Voice', 'Creative Voice File'),
  unread('WavPack', 'wvpk'),
  unread("Monkey's Audio", 'MAC '),
  unread('Musepack', 'MPCK'),
  unread('Musepack', 'MP+'),
  unread('True Audio', 'TTA1'),
  unread('DSD', 'DSD '),
  unread('AC-3', '\x0b\x77'),
  unread('IRCAM', '\x64\xa3\x01\x00'),
  unread('8SVX', '8SVX', 8),
  unread('SILK', '#!SILK'),
  unread('SILK', '\x02#!SILK'),
  unread('AAC in ADIF', 'ADIF'),
  unread('QOA', 'qoaf'),
  unread('Flash video', 'FLV\x01'),
  unread('MIDI', 'MThd'),
];

/**
 * The container that starts with `head` (up to `CONTAINER_HEAD_BYTES` bytes); undefined where none of the known
 * signatures fits.
 */
export function containerOf(head: Uint8Array): Container | undefined {
  const text = String.fromCharCode(...head.subarray(0, CONTAINER_HEAD_BYTES));
  return SIGNATURES.find((signature) => text.startsWith(signature.text, signature.at))?.container;
}

/** Whether MPEG audio may begin so, which has no signature but its frames'. */
export function mayBeFrames([first = 0, second = 0]: Uint8Array): boolean {
  return first === 0xff && (second & 0xe0) === 0xe0;
}

/** Bytes that hold the longest frame and the next one's header. */
export const FRAMES_HEAD_BYTES: number = 8192 + 8;

/**
 * MPEG audio by two frames that follow each other, or one that is the whole file: eleven set bits alone begin silence in
 * mu-law and text in UTF-16 too.
 */
export function framesOf(head: Uint8Array): Container | undefined {
  if (isRow(head, mpegFrameBytes)) return { by: 'peer', name: 'mp3' };
  if (isRow(head, adtsFrameBytes)) return { by: 'peer', name: 'aac' };
  return undefined;
}

function isRow(head: Uint8Array, frameBytesOf: (bytes: Uint8Array) => number | undefined): boolean {
  const length = frameBytesOf(head);
  if (length === undefined || length > head.length) return false;
  return length === head.length || frameBytesOf(head.subarray(length)) !== undefined;
}
