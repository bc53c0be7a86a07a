const ELLIPSIS = '…';
/**
 * Most bytes, in UTF-8, of a quotation in a message: a WebSocket's close frame has room for 123 with what is said
 * before it.
 */
const MAXIMUM_BYTES = 60;

/**
 * A quotation of somebody else's text for a message: the text itself where it is of at most 60 bytes, else its first
 * characters.
 */
export function shortened(text: string): string {
  const encoder = new TextEncoder();
  const { read } = encoder.encodeInto(text, new Uint8Array(MAXIMUM_BYTES));
  if (read === text.length) return text;
  const room = new Uint8Array(MAXIMUM_BYTES - encoder.encode(ELLIPSIS).length);
  return text.slice(0, encoder.encodeInto(text, room).read) + ELLIPSIS; // whole characters only
}
