/** Characters that a terminal takes for commands (C0, C1, ends of lines) or that turn the direction of what follows. */
const COMMANDS = /[\p{Cc}\p{Zl}\p{Zp}\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;
const LONGEST = 1_000;

/** `text` of others (names of files, what stands in them) as it may go to a terminal: on one line, without commands. */
export function printable(text: string): string {
  return text.replace(COMMANDS, (character) => {
    const quoted = JSON.stringify(character).slice(1, -1);
    return quoted === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : quoted;
  });
}

/** `value` as JSON of several lines that may go to a terminal: JSON lets C1 controls be, which terminals obey. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/[\u007F-\u009F]/g, printable);
}

/** `text` made printable, shortened for a message that people read. */
export function oneLine(text: string): string {
  return printable(text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);
}
