/** Drops faulty speech from what was synthesised. */
import { CLEAN, type EvaluatedModel } from '../../corpora/evaluation.ts';
import { inCondition, syntheticItem } from '../../corpora/evaluation-sets.ts';
import { readUtteranceBank, type Utterance, writeUtteranceBank } from '../../corpora/utterance-bank.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import { DIGIT_LABELS } from './words.ts';

export type TeacherFilterOptions = {
  /** A model that was trained before. */
  readonly teacher: Pick<EvaluatedModel, 'vocabulary' | 'recognize'>;
  /** Folders of utterance banks: what was synthesised, and where to write what is kept. */
  readonly from: string;
  readonly to: string;
  readonly onProgress?: (done: number, total: number) => void;
};

/** How many of a voice's digits for training were checked, and how many of these were rejected. */
export type FilteredVoice = { readonly checked: number; readonly rejected: number };

/**
 * Copies a bank without the digits for training that `teacher` mishears in silence, and returns what was heard by voice: synthesisers
 * break words off, add sounds, and say other vowels than they should. Letters are kept: many differ by too little to tell a fault of the
 * voice from one of the listener.
 */
export async function filterByTeacher({
  teacher,
  from,
  to,
  onProgress,
}: TeacherFilterOptions): Promise<Map<string, FilteredVoice>> {
  const grammar = resolveGrammar(teacher.vocabulary, 'digits');
  const labels = new Map([...grammar.words].map(([id, word]) => [word, teacher.vocabulary.labels[id - 1]]));
  const isAccepted = async (utterance: Utterance, index: number): Promise<boolean> => {
    const { samples } = inCondition(syntheticItem(utterance), index, CLEAN);
    const { words } = await teacher.recognize(samples, { grammar, decoder: 'joint' });
    return words.map(({ word }) => labels.get(word)).join(' ') === utterance.labels.join(' ');
  };
  const utterances = await readUtteranceBank(from);
  const counts = new Map<string, FilteredVoice>();
  async function* accepted(): AsyncGenerator<Utterance> {
    for (const [index, utterance] of utterances.entries()) {
      const isDoubtful = utterance.split === 'train' && utterance.labels.every((label) => DIGIT_LABELS.includes(label));
      const isKept = !isDoubtful || (await isAccepted(utterance, index));
      if (isDoubtful) {
        const { checked, rejected } = counts.get(utterance.voice) ?? { checked: 0, rejected: 0 };
        counts.set(utterance.voice, { checked: checked + 1, rejected: rejected + (isKept ? 0 : 1) });
      }
      if (isKept) yield utterance;
      onProgress?.(index + 1, utterances.length);
    }
  }
  await writeUtteranceBank(to, accepted());
  return counts;
}
