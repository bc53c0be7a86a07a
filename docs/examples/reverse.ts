/** A sequence-to-sequence model that reverses strings, made of public parts: `npx tsx docs/examples/reverse.ts [FOLDER]` */
import { loadSequenceModel } from 'hearken';
import { Random, type Weights } from 'hearken/attention';
import { type DecoderConfig, unrollDecoder } from 'hearken/decoder';
import { padTokens } from 'hearken/encoder';
import { smoothedCrossEntropy } from 'hearken/losses';
import { forward, initModel, type ModelConfig, writeCheckpoint } from 'hearken/model';
import { exportModel, loadBackend, train } from 'hearken/training';
const [LETTERS, LONGEST, UNITS] = ['abcdefgh', 8, 48];
const symbols = { unit: 'character', symbols: Array.from(LETTERS) } as const;
const sizes = { units: UNITS, attentionUnits: UNITS, embedding: 16, dropout: 0 };
const attention = { kind: 'global', score: 'additive' } as const;
const parts = { order: 'luong', cell: 'gru', inputFeeding: true, firstState: 'encoder', attention } as const;
const decoder: DecoderConfig = { ...parts, ...sizes };
const config: ModelConfig = {
  format: 'hearken',
  version: 2,
  name: 'reverse',
  source: { kind: 'tokens', symbols, embedding: 16 },
  encoder: { kind: 'lstm', units: UNITS, layers: 1, direction: 'both' },
  memory: { kind: 'full' },
  heads: { decoder: { ...decoder, symbols } },
};
const ids = (text: string) => Array.from(text, (letter) => LETTERS.indexOf(letter));
const reversed = (text: string) => Array.from(text).toReversed().join('');
/** Strings of 2 to `LONGEST` letters; those that are held out, one in five, training never sees. */
function draw(random: Random, count: number, isHeldOut: boolean): string[] {
  const texts: string[] = [];
  while (texts.length < count) {
    const length = 2 + random.integer(LONGEST - 1);
    const text = Array.from({ length }, () => LETTERS[random.integer(LETTERS.length)]).join('');
    const checksum = ids(text).reduce((sum, letter, place) => sum + letter * (place + 3), 0);
    if ((checksum % 5 === 0) === isHeldOut) texts.push(text);
  }
  return texts;
}
const task = {
  initialWeights: () => initModel(config, Random.seeded(1)),
  batches: async (shard: number) => [draw(Random.seeded(shard), 64, false)],
  loss: (weights: Weights, texts: readonly string[]) => {
    const { tokens: inputs, lengths } = padTokens(texts.map(ids));
    const { tokens: targets } = padTokens(texts.map((text) => ids(reversed(text)).map((id) => id + 1))); // 0: the end
    const { logits } = unrollDecoder(weights, decoder, { ...forward(weights, config, { inputs, lengths }), targets });
    return { total: smoothedCrossEntropy(logits, targets, 0), parts: {} };
  },
};
await loadBackend();
const start = performance.now();
const { weights } = await train(task, { seed: 1, steps: 200, learningRate: 1e-2, warmup: 20, validateEvery: 200 });
const folder = process.argv[2] ?? '.runs/reverse';
await writeCheckpoint(folder, { config, weights });
await exportModel(folder); // from here on as any model: hearken inspect, decode, eval
await using model = await loadSequenceModel(folder);
const unseen = draw(Random.seeded(4), 1000, true);
const written = (await model.decodeAll(unseen, { beamSize: 1 })).map(([best]) => best);
for (const shares of written.find((best) => best?.tokens.length === LONGEST)?.alignment ?? []) {
  console.log(shares.map((share) => ' .-:=+*#%@'[Math.round(share * 9)]).join(''));
}
const right = written.filter((best, row) => best?.text === reversed(unseen[row] ?? '')).length;
console.log(`accuracy ${(right / 10).toFixed(1)} % in ${Math.round((performance.now() - start) / 1000)} s`);
