/** Pairs of messages as pieces: what translate-en-de learns, and what its weights are chosen by. */
import { randomFor } from '../../corpora/draw.ts';
import { readPart } from '../../corpora/catalogs/data-set.ts';
import type { Pair } from '../../corpora/catalogs/pairs.ts';
import { readPieceCodec } from '../../src/text/pieces.ts';
import type { SymbolCodec } from '../../src/text/symbols.ts';
import type { ExampleSource } from '../../src/training/recipe.ts';
import type { SequenceExample } from '../../src/training/examples.ts';

/** Where `npm run data:catalogs` and `npm run data:pieces` leave what they make. */
export const DATA_FOLDER = '.data/translate-en-de';
export const TOKENIZER: string = `${DATA_FOLDER}/tokenizer.json`;

/** Pairs of a shard. */
const SHARD_SIZE = 16_384;
/** Pairs with more pieces on either side are not trained on. */
const MOST_PIECES = 48;
const VALIDATION_SIZE = 400;
const SEED = 14;

/** A pass goes through all pairs of training once, in an order of its own. */
export async function openExamples(): Promise<ExampleSource<SequenceExample>> {
  const codec = await readPieceCodec(TOKENIZER);
  const pairs = await readPart(DATA_FOLDER, 'train');
  const shardsOfPass = Math.ceil(pairs.length / SHARD_SIZE);
  let order: { readonly pass: number; readonly pairs: readonly Pair[] } | undefined;
  return {
    shard: (index) => {
      const pass = Math.floor(index / shardsOfPass);
      if (order?.pass !== pass) order = { pass, pairs: inOrderOf(pass, pairs) };
      const first = (index % shardsOfPass) * SHARD_SIZE;
      return examplesOf(order.pairs.slice(first, first + SHARD_SIZE), codec);
    },
    validation: async () => examplesOf((await readPart(DATA_FOLDER, 'dev')).slice(0, VALIDATION_SIZE), codec),
  };
}

function inOrderOf(pass: number, pairs: readonly Pair[]): Pair[] {
  const random = randomFor(SEED, pass);
  const keyed = pairs.map((pair) => ({ pair, key: random.uniform() }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ pair }) => pair);
}

function examplesOf(pairs: readonly Pair[], codec: SymbolCodec): SequenceExample[] {
  return pairs
    .map(({ source, target }) => ({ input: [...codec.encode(source)], output: [...codec.encode(target)] }))
    .filter(({ input, output }) => input.length <= MOST_PIECES && output.length <= MOST_PIECES);
}
