/**
 * Which words translate which, learned from pairs of sentences alone. Reference: Brown et al., 1993, "The mathematics of
 * statistical machine translation: parameter estimation", model 1, equations 8 to 14.
 */

/** Words of a sentence and of its translation. */
export type WordPair = { readonly source: readonly string[]; readonly target: readonly string[] };

export type WordTranslation = {
  /** t(target | source): how likely `target` is written for `source`. 0 where the two never stood in one pair. */
  readonly probability: (target: string, source: string) => number;
  /** t(target | no word): how likely `target` is written for nothing in particular. */
  readonly probabilityOfNone: (target: string) => number;
  /** What is most likely written for `source`; nothing where it is not known. */
  readonly best: (source: string) => string | undefined;
};

/** The word that stands for no word. */
const NONE = 0;

/** Runs expectation maximisation from a uniform start: the model has one optimum, so that the start does not matter. */
export function learnWordTranslation(
  pairs: readonly WordPair[],
  { iterations }: { readonly iterations: number },
): WordTranslation {
  const [sources, targets] = [new Map<string, number>(), new Map<string, number>()];
  const numbered = pairs.map(({ source, target }) => ({
    source: [NONE, ...source.map((word) => 1 + numberOf(sources, word))],
    target: target.map((word) => numberOf(targets, word)),
  }));
  const width = targets.size;
  const key = (source: number, target: number): number => source * width + target;
  let table: Map<number, number> | undefined;
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const before = table;
    const counts = new Map<number, number>();
    const totals = new Float64Array(sources.size + 1);
    for (const { source, target } of numbered) {
      for (const word of target) {
        const shares = source.map((from) => before?.get(key(from, word)) ?? (before === undefined ? 1 : 0));
        const sum = shares.reduce((total, share) => total + share, 0);
        for (const [place, from] of source.entries()) {
          const share = shares[place]! / sum;
          const at = key(from, word);
          counts.set(at, (counts.get(at) ?? 0) + share);
          totals[from]! += share;
        }
      }
    }
    for (const [at, count] of counts) counts.set(at, count / totals[Math.floor(at / width)]!);
    table = counts;
  }
  return translationOf(table ?? new Map(), { sources, targets });
}

type Words = { readonly sources: ReadonlyMap<string, number>; readonly targets: ReadonlyMap<string, number> };

function translationOf(table: ReadonlyMap<number, number>, { sources, targets }: Words): WordTranslation {
  const width = targets.size;
  const names = [...targets.keys()];
  const best = new Map<number, { readonly target: number; readonly probability: number }>();
  for (const [at, probability] of table) {
    const source = Math.floor(at / width);
    if (probability > (best.get(source)?.probability ?? 0)) best.set(source, { target: at % width, probability });
  }
  const probability = (target: string, source: number | undefined): number => {
    const to = targets.get(target);
    return to === undefined || source === undefined ? 0 : (table.get(source * width + to) ?? 0);
  };
  const placeOf = (source: string): number | undefined => {
    const place = sources.get(source);
    return place === undefined ? undefined : place + 1;
  };
  return {
    probability: (target, source) => probability(target, placeOf(source)),
    probabilityOfNone: (target) => probability(target, NONE),
    best: (source) => {
      const found = best.get(placeOf(source) ?? -1);
      return found === undefined ? undefined : names[found.target];
    },
  };
}

function numberOf(numbers: Map<string, number>, word: string): number {
  const number = numbers.get(word) ?? numbers.size;
  numbers.set(word, number);
  return number;
}
