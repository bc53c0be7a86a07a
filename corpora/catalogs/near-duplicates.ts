/**
 * Texts that were nearly seen: of a held-out text that stands nearly whole in one of the texts that a model is trained on, a
 * good score says nothing. Exact, by an index: no text is missed and none is compared without need.
 */

export type NearDuplicateOptions = {
  /** Share of its groups of letters, in 0..1, that a text has in common with one other. */
  readonly share: number;
};

/** Letters of a group. */
const GROUP = 5;
/** Above the place of any text. */
const FOUND = 0x7f_ff_ff_ff;

/**
 * Which of `texts` (by index) are near-duplicates of one of `others`: at least `share` of their distinct groups of five letters stand
 * in that one. Case, digits, marks and placeholders do not count. So a text that another one holds whole is a near-duplicate of it,
 * but not the other way around.
 */
export function nearDuplicates(
  texts: readonly string[],
  others: Iterable<string>,
  { share }: NearDuplicateOptions,
): Set<number> {
  const ids = new Map<string, number>();
  const own = rarestFirst(
    texts.map((text) => idsOf(text, ids)),
    ids.size,
  );
  const index = indexOfRarest(own, ids.size, share);
  const spares = own.map(({ length }) => length - needed(length, share));
  const found = new Set<number>();
  const comparedWith = new Int32Array(texts.length); // the last other text that each was compared with
  const standsIn = new Int32Array(ids.size); // the last other text that each group stood in
  let place = 0;
  for (const other of others) {
    place += 1;
    const theirs: number[] = [];
    for (const group of groupsOf(other)) {
      const id = ids.get(group);
      if (id !== undefined) theirs.push(id);
    }
    for (const group of theirs) standsIn[group] = place;
    for (const group of theirs) {
      for (const text of index[group]!) {
        if (comparedWith[text]! >= place) continue;
        comparedWith[text] = place;
        if (!isCovered(own[text]!, standsIn, { place, spare: spares[text]! })) continue;
        found.add(text);
        comparedWith[text] = FOUND;
      }
    }
  }
  return found;
}

/** The groups of `text` as numbers; `ids` learns new ones. */
function idsOf(text: string, ids: Map<string, number>): number[] {
  return Array.from(groupsOf(text), (group) => {
    const id = ids.get(group) ?? ids.size;
    ids.set(group, id);
    return id;
  });
}

function rarestFirst(texts: readonly (readonly number[])[], groupCount: number): number[][] {
  const frequency = new Int32Array(groupCount);
  for (const groups of texts) for (const group of groups) frequency[group]! += 1;
  return texts.map((groups) => groups.toSorted((a, b) => frequency[a]! - frequency[b]!));
}

/**
 * For each group the texts that have it among their rarest. A text of n groups that has m of them in common with another one has
 * at least one in common among any n - m + 1 of its own.
 */
function indexOfRarest(texts: readonly (readonly number[])[], groupCount: number, share: number): number[][] {
  const index: number[][] = Array.from({ length: groupCount }, () => []);
  for (const [text, groups] of texts.entries()) {
    const { length } = groups;
    for (const group of groups.slice(0, length - needed(length, share) + 1)) index[group]!.push(text);
  }
  return index;
}

/** How many of `size` groups are `share` of them. */
function needed(size: number, share: number): number {
  return Math.max(1, Math.ceil(share * size - 1e-9));
}

/** Whether all but `spare` of `groups`, the rarest first, stand in the text at `place`. */
function isCovered(
  groups: readonly number[],
  standsIn: Int32Array,
  { place, spare }: { readonly place: number; readonly spare: number },
): boolean {
  let missing = 0;
  for (const group of groups) {
    if (standsIn[group] === place) continue;
    missing += 1;
    if (missing > spare) return false;
  }
  return true;
}

function groupsOf(text: string): Set<string> {
  const letters = text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/\{\d+\}/gu, ' ')
    .replaceAll(/[^\p{L}]+/gu, ' ');
  const padded = ` ${letters.trim()} `;
  return new Set(
    Array.from({ length: Math.max(1, padded.length - GROUP + 1) }, (_, at) => padded.slice(at, at + GROUP)),
  );
}
