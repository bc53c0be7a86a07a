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
const NONE: readonly number[] = [];

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
  const groups = texts.map(groupsOf);
  const index = indexOfRarest(groups, share);
  const found = new Set<number>();
  for (const other of others) {
    const theirs = groupsOf(other);
    const compared = new Set<number>();
    for (const group of theirs) {
      for (const text of index.get(group) ?? NONE) {
        if (compared.has(text) || found.has(text)) continue;
        compared.add(text);
        if (isCovered(groups[text]!, theirs, share)) found.add(text);
      }
    }
  }
  return found;
}

/**
 * For each group the texts that have it among their rarest. A text of n groups that has m of them in common with another one has
 * at least one in common among any n - m + 1 of its own.
 */
function indexOfRarest(groups: readonly ReadonlySet<string>[], share: number): Map<string, number[]> {
  const frequency = new Map<string, number>();
  for (const own of groups) for (const group of own) frequency.set(group, (frequency.get(group) ?? 0) + 1);
  const index = new Map<string, number[]>();
  for (const [text, own] of groups.entries()) {
    const rarest = [...own].toSorted((a, b) => frequency.get(a)! - frequency.get(b)!);
    for (const group of rarest.slice(0, own.size - needed(own.size, share) + 1)) {
      const entry = index.get(group);
      if (entry === undefined) index.set(group, [text]);
      else entry.push(text);
    }
  }
  return index;
}

/** How many of `size` groups are `share` of them. */
function needed(size: number, share: number): number {
  return Math.max(1, Math.ceil(share * size - 1e-9));
}

function isCovered(own: ReadonlySet<string>, theirs: ReadonlySet<string>, share: number): boolean {
  const enough = needed(own.size, share);
  if (theirs.size < enough) return false;
  let common = 0;
  for (const group of own) if (theirs.has(group)) common += 1;
  return common >= enough;
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
