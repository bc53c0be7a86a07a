/** How words are said. */

/** Ways to say each word, by the word in small letters: each way a list of phones. */
export type Lexicon = Readonly<Record<string, readonly (readonly string[])[]>>;
