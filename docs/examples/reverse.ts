/** A sequence-to-sequence model that reverses strings, made of public parts: `npx tsx docs/examples/reverse.ts` */
import * as tf from '@tensorflow/tfjs';
import { normalArray, paddingBias, Random, tensorsOf, type Weights } from 'hearken/attention';
import { decodeGreedily, type DecoderConfig, initDecoder, unrollDecoder } from 'hearken/decoder';
import { embed, initRecurrentLayer, padTokens, type RecurrentLayerConfig, runRecurrentLayer } from 'hearken/encoder';
import { smoothedCrossEntropy } from 'hearken/losses';
import { loadBackend, train } from 'hearken/training';
const STEPS = Number(process.argv[2] ?? 400);
const [LETTERS, LONGEST, UNITS] = [8, 8, 48];
const layer: RecurrentLayerConfig = { cell: 'lstm', depth: 16, units: UNITS, direction: 'causal' };
const sizes = { units: UNITS, attentionUnits: UNITS, embedding: 16, dropout: 0 };
const attention = { kind: 'global', score: 'additive' } as const;
const parts = { order: 'luong', cell: 'gru', inputFeeding: true, firstState: 'encoder', attention } as const;
const decoder: DecoderConfig = { ...parts, ...sizes };

/** Strings of 2 to `LONGEST` letters, 1 to `LETTERS`; those that are held out, one in five, training never sees. */
function draw(random: Random, count: number, isHeldOut: boolean): number[][] {
  const strings: number[][] = [];
  while (strings.length < count) {
    const letters = Array.from({ length: 2 + random.integer(LONGEST - 1) }, () => 1 + random.integer(LETTERS));
    const checksum = letters.reduce((sum, letter, place) => sum + letter * (place + 3), 0);
    if ((checksum % 5 === 0) === isHeldOut) strings.push(letters);
  }
  return strings;
}

/** What a recurrent layer makes of each letter and those before it. */
function encode(weights: Weights, strings: readonly number[][]) {
  const { tokens, lengths } = padTokens(strings, LONGEST);
  const inputs = embed(weights.embedding as tf.Tensor2D, tokens);
  const { vectors, final } = runRecurrentLayer(weights, layer, { inputs, lengths });
  return { entries: vectors, final, bias: paddingBias(lengths, LONGEST) };
}
await loadBackend();
const start = performance.now();
const task = {
  initialWeights: () => ({
    embedding: normalArray(Random.seeded(1), [LETTERS + 1, layer.depth], 0.3),
    ...initRecurrentLayer(layer, Random.seeded(2)),
    ...initDecoder(decoder, { depth: UNITS, finalDepth: UNITS, labelCount: LETTERS }, Random.seeded(3)),
  }),
  batches: async (shard: number) => [draw(Random.seeded(shard), 64, false)],
  loss: (weights: Weights, strings: readonly number[][]) => {
    const { tokens: targets } = padTokens(
      strings.map((letters) => letters.toReversed()),
      LONGEST,
    );
    const { logits } = unrollDecoder(weights, decoder, { ...encode(weights, strings), targets });
    return { total: smoothedCrossEntropy(logits, targets, 0), parts: {} };
  },
};
const schedule = { seed: 1, steps: STEPS, learningRate: 6e-3, warmup: 20, validateEvery: STEPS };
const weights = tensorsOf((await train(task, schedule)).weights);
const unseen = draw(Random.seeded(4), 1000, true);
const decoded = await decodeGreedily(weights, decoder, { ...encode(weights, unseen), limit: LONGEST + 1 });
for (const shares of decoded.find(({ labels }) => labels.length === LONGEST)?.alignment ?? []) {
  console.log(shares.map((share) => ' .-:=+*#%@'[Math.round(share * 9)]).join(''));
}
const right = decoded.filter(({ labels }, row) => labels.join() === unseen[row]?.toReversed().join()).length;
console.log(`accuracy ${(right / 10).toFixed(1)} % in ${Math.round((performance.now() - start) / 1000)} s`);
