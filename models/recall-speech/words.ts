/** The words of recall-speech: one that marks what is to be kept, one that asks for it. Both are letters, because several people say letters. */
export const KEEP = 'w';
/** Chosen on speakers that no test has: among the letters that are heard right of each of them. */
export const ASK = 'q';

/** Digits of a code. */
export const CODE_LENGTH = 4;
export const DIGITS: readonly string[] = Array.from('0123456789');
