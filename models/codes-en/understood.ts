/** Drops faulty speech from what was synthesised. */
import { between, randomFor } from '../../corpora/draw.ts';
import { readUtteranceBank, type Utterance, writeUtteranceBank } from '../../corpora/utterance-bank.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import { resolveGrammar, type Vocabulary } from '../../src/text/vocabulary.ts';
import { DIGIT_LABELS } from './words.ts';

/** What is needed of a model that was trained before; a `Model` of the engine has it. */
export type Listener = {
  readonly vocabulary: Vocabulary;
  recognise(
    samples: Float32Array,
    options: { readonly grammar: string },
  ): Promise<{ readonly words: readonly { readonly word: string }[] }>;
};

export type UnderstoodOptions = {
  readonly listener: Listener;
  /** Folders of utterance banks: what was synthesised, and where to write what is kept. */
  readonly from: string;
  readonly to: string;
  readonly onProgress?: (done: number, total: number) => void;
};

const SEED = 15;
const PADDING = new Float32Array(4_000); // a quarter of a second
/** Digital silence distorts every recogniser. */
const FLOOR = 10 ** (-55 / 20);
const PEAK = { lowest: 0.3, highest: 0.9 };

/**
 * Copies a bank without the digits for training that `listener` mishears in silence: synthesisers break words off, add sounds, and say
 * other vowels than they should. Letters are kept: many differ by too little to tell a fault of the voice from one of the listener.
 */
export async function keepUnderstood({ listener, from, to, onProgress }: UnderstoodOptions): Promise<void> {
  const words = resolveGrammar(listener.vocabulary, 'digits').words;
  const labels = new Map([...words].map(([id, word]) => [word, listener.vocabulary.labels[id - 1]]));
  const isUnderstood = async (utterance: Utterance, index: number): Promise<boolean> => {
    const heard = await listener.recognise(recorded(utterance.samples, index), { grammar: 'digits' });
    return heard.words.map(({ word }) => labels.get(word)).join(' ') === utterance.labels.join(' ');
  };
  const utterances = await readUtteranceBank(from);
  async function* understood(): AsyncGenerator<Utterance> {
    for (const [index, utterance] of utterances.entries()) {
      const isDigits = utterance.labels.every((label) => DIGIT_LABELS.includes(label));
      const isDoubtful = isDigits && utterance.split === 'train';
      if (!isDoubtful || (await isUnderstood(utterance, index))) yield utterance;
      onProgress?.(index + 1, utterances.length);
    }
  }
  await writeUtteranceBank(to, understood());
}

/** `samples` with a quarter of a second of near silence before and after. */
function recorded(samples: Int16Array, index: number): Float32Array {
  const random = randomFor(SEED, index);
  const largest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1);
  const scale = between(random, PEAK.lowest, PEAK.highest) / largest;
  const speech = Float32Array.from(samples, (sample) => sample * scale);
  return concatenate([PADDING, speech, PADDING]).map((sample) => sample + FLOOR * random.normal());
}
