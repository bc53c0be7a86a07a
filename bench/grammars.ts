/**
 * How long a list of phrases takes to compile, as phrases, as rules in JSGF and as boosts, and how long a stream that goes on takes to swap to it:
 * `npm run -s bench -- grammars [--phrases 1000]`. Each run has phrases of its own, since what was compiled of late is kept.
 */
import { integerIn } from '../src/arguments.ts';
import { readAudio } from '../src/audio/read-audio.ts';
import { chosenGrammar } from '../src/grammar/grammar-choice.ts';
import type { GrammarForm } from '../src/grammar/grammar-form.ts';
import { loadModel, type Model } from '../src/index.ts';
import { readRecognizerConfig } from '../src/model/config-file.ts';
import { concatenate } from '../src/tensor/concatenate.ts';
import { Random } from '../src/tensor/random.ts';

export const OPTIONS: readonly string[] = ['phrases'];

const MODEL = 'models/codes-en';
const RUNS = 40;
/** Runs before those that are measured, in which the engine compiles what it runs. */
const WARM_UP = 10;
const CHUNK_SECONDS = 0.1;

export type GrammarsRow = {
  readonly form: 'phrases' | 'jsgf' | 'boosts';
  readonly phrases: number;
  readonly compileP50Ms: number;
  readonly compileP99Ms: number;
  /** From the call of `setGrammar` in a stream between two utterances to its answer, compiling included. */ readonly swapP50Ms: number;
  readonly swapP99Ms: number;
  /** The chunk of 100 ms that comes next, and any other of the stream, median. */ readonly nextChunkP50Ms: number;
  readonly otherChunkP50Ms: number;
};

export default async function benchGrammars({ phrases = '1000' }: Readonly<Record<string, string>>): Promise<{
  rows: GrammarsRow[];
  notes: string[];
}> {
  integerIn(1, 100_000)('--phrases', Number(phrases));
  await using model = await loadModel(MODEL);
  const config = await readRecognizerConfig(MODEL);
  const words = config.vocabulary.grammars['codes']!.map(({ word }) => word); // the model has it
  const random = Random.seeded(17);
  const rows: GrammarsRow[] = [];
  for (const form of ['phrases', 'jsgf', 'boosts'] as const) {
    const drawn = (): GrammarForm => formOf(form, drawPhrases(random, words, Number(phrases)));
    const compiled = timed(drawn, (grammar) => chosenGrammar(config, grammar));
    const { swaps, next, others } = await swapped(model, drawn);
    rows.push({
      form,
      phrases: Number(phrases),
      compileP50Ms: quantile(compiled, 0.5),
      compileP99Ms: quantile(compiled, 0.99),
      swapP50Ms: quantile(swaps, 0.5),
      swapP99Ms: quantile(swaps, 0.99),
      nextChunkP50Ms: quantile(next, 0.5),
      otherChunkP50Ms: quantile(others, 0.5),
    });
  }
  return {
    rows,
    notes: [`Phrases of 2 to 5 of the ${words.length} words of ${config.name}; ${RUNS} runs, each with others.`],
  };
}

function drawPhrases(random: Random, words: readonly string[], count: number): string[] {
  return Array.from({ length: count }, () =>
    Array.from({ length: 2 + random.integer(4) }, () => words[random.integer(words.length)]!).join(' '),
  );
}

function formOf(form: GrammarsRow['form'], phrases: readonly string[]): GrammarForm {
  if (form === 'jsgf') return { jsgf: `#JSGF V1.0; grammar menu; public <entry> = ${phrases.join(' | ')};` };
  return form === 'phrases' ? { phrases } : { boosts: phrases };
}

function timed(draw: () => GrammarForm, work: (grammar: GrammarForm) => unknown): number[] {
  const times = Array.from({ length: WARM_UP + RUNS }, () => {
    const grammar = draw();
    const started = performance.now();
    work(grammar);
    return performance.now() - started;
  });
  return times.slice(WARM_UP);
}

/** A stream of a sample that is said again and again, in which the grammar is swapped in each gap. */
async function swapped(model: Model, draw: () => GrammarForm): Promise<Record<'swaps' | 'next' | 'others', number[]>> {
  const pieces: Float32Array[] = [];
  for await (const piece of readAudio('samples/pin.wav', { sampleRate: model.sampleRate })) pieces.push(piece);
  const samples = concatenate([...pieces, new Float32Array(2 * model.sampleRate)]);
  const length = CHUNK_SECONDS * model.sampleRate;
  const stream = model.open({ grammar: 'digits' });
  const swaps: number[] = [];
  const next: number[] = [];
  const others: number[] = [];
  for (let run = 0; run < 2 + RUNS / 4; run++) {
    for (let start = 0; start < samples.length; start += length) {
      const started = performance.now();
      await stream.push(samples.slice(start, start + length));
      (start === 0 && run > 0 ? next : others).push(performance.now() - started);
    }
    const grammar = draw();
    const asked = performance.now();
    await stream.setGrammar(grammar);
    swaps.push(performance.now() - asked);
  }
  stream.close();
  return { swaps, next, others };
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Number(sorted[Math.ceil(share * sorted.length) - 1]!.toFixed(2)); // there are some
}
