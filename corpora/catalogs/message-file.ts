/** GNU MO files: the compiled message catalogues that programs carry. Format: "The Format of GNU MO Files", gettext manual. */
import { HearkenError } from '../../src/errors.ts';

/** One message and how it is written in the language of the file. */
export type Message = {
  /** The singular, and the plural where there is one. */
  readonly sources: readonly string[];
  /** One, or one for each plural form. */
  readonly targets: readonly string[];
};

const MAGIC = 0x95_04_12_de;
const CONTEXT_END = '\u0004';
const FORM_END = '\0';

/** The messages of a MO file, without its header. Throws `corpora/message-file` on bytes that are none. */
export function readMessages(bytes: Uint8Array): Message[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const refuse = (what: string) => new HearkenError('corpora/message-file', `Expected a GNU MO file, got ${what}`);
  if (bytes.length < 28) throw refuse(`${bytes.length} bytes`);
  const isLittle = view.getUint32(0, true) === MAGIC;
  if (!isLittle && view.getUint32(0, false) !== MAGIC) throw refuse('another beginning');
  const read = (at: number): number => {
    if (at + 4 > bytes.length) throw refuse('one that was cut off');
    return view.getUint32(at, isLittle);
  };
  const [count, sources, targets] = [read(8), read(12), read(16)];
  if (count > bytes.length) throw refuse('one that was cut off');
  const bytesAt = (table: number, index: number): Uint8Array => {
    const [length, start] = [read(table + 8 * index), read(table + 8 * index + 4)];
    if (start + length > bytes.length) throw refuse('one that was cut off');
    return bytes.subarray(start, start + length);
  };
  // Sources are sorted, so that the empty one, whose translation is the header, is the first.
  const hasHeader = count > 0 && bytesAt(sources, 0).length === 0;
  const decoder = decoderOf(hasHeader ? new TextDecoder('latin1').decode(bytesAt(targets, 0)) : '');
  const messages = Array.from({ length: count }, (_, index) => ({
    sources: withoutContext(decoder.decode(bytesAt(sources, index))).split(FORM_END),
    targets: decoder.decode(bytesAt(targets, index)).split(FORM_END),
  }));
  return hasHeader ? messages.slice(1) : messages;
}

/** UTF-8 unless the header tells another encoding. */
function decoderOf(header: string): InstanceType<typeof TextDecoder> {
  const label = /charset=(?<label>[\w-]+)/u.exec(header)?.groups?.['label'] ?? 'utf-8';
  try {
    return new TextDecoder(label);
  } catch (cause) {
    throw new HearkenError('corpora/message-file', `Expected an encoding that is known, got '${label}'`, { cause });
  }
}

/** A context tells two equal messages apart; it is not shown. */
function withoutContext(source: string): string {
  return source.slice(source.indexOf(CONTEXT_END) + 1);
}
