/** Codes that are not to be read whole: of cards, of accounts. */

/** Symbols at the end that stay, at most. */
const SHOWN = 4;

/**
 * `written` with `*` for each of its letters and digits but the last four; of a code with fewer than eight, but the last half. What stands between them
 * stays: of `5500 0055 5555 5559` it is `**** **** **** 5559`, of `4729` it is `**29`.
 */
export function maskedCode(written: string): string {
  const symbols = written.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  let hidden = symbols - Math.min(SHOWN, Math.floor(symbols / 2));
  return written.replaceAll(/[\p{L}\p{N}]/gu, (symbol) => (hidden-- > 0 ? '*' : symbol));
}

/** The words by which a code was spoken, with `*` for each: how many symbols a word stands for is not told by it. */
export function maskedWords(text: string): string {
  return text.replaceAll(/\S+/g, '*');
}
