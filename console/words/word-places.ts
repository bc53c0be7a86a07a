import type { ShownUtterance, WordPlace } from '../console-state.ts';

export function isSame(one: WordPlace | undefined, other: WordPlace): boolean {
  return one?.utterance === other.utterance && one.word === other.word;
}

/** The place to which a key leads from `from` (or from the newest word); undefined for keys that lead nowhere. */
export function neighbor(
  utterances: readonly Pick<ShownUtterance, 'words'>[],
  from: WordPlace | undefined,
  key: string,
): WordPlace | undefined {
  const places = utterances.flatMap(({ words }, utterance) => words.map((_, word) => ({ utterance, word })));
  const at = from === undefined ? places.length - 1 : places.findIndex((place) => isSame(from, place));
  const rowStart = (row: number): number => places.findIndex(({ utterance }) => utterance === row);
  const row = places[at]?.utterance ?? 0;
  switch (key) {
    case 'ArrowRight':
      return places[at + 1];
    case 'ArrowLeft':
      return places[at - 1];
    case 'ArrowUp':
      return places[rowStart(row - 1)];
    case 'ArrowDown':
      return places[rowStart(row + 1)];
    case 'Home':
      return places[0];
    case 'End':
      return places.at(-1);
    default:
      return undefined;
  }
}
