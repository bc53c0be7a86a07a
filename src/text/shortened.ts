const ELLIPSIS = '…';
/** In UTF-8: a WebSocket's close frame has room for 123 bytes, and for what is said before. */
const MAXIMUM_BYTES = 60;

/** What a message quotes of somebody else's text: the text itself where it is of at most 60 bytes, else its first characters. */
export function shortened(text: string): string {
  const encoder = new TextEncoder();
  const { read } = encoder.encodeInto(text, new Uint8Array(MAXIMUM_BYTES));
  if (read === text.length) return text;
  const room = new Uint8Array(MAXIMUM_BYTES - encoder.encode(ELLIPSIS).length);
  return text.slice(0, encoder.encodeInto(text, room).read) + ELLIPSIS; // whole characters only
}
