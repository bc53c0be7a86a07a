/** Models of sequences that have an evaluation of their own, by the name that their configuration gives them. */
import type { SequenceWriter } from '../corpora/sequence-accuracy.ts';
import { UsageError } from './usage-error.ts';

/** Measures what `write` makes of the model's own test set; `set` is the part of it that was asked for, if any. */
export type OwnEvaluation = (write: SequenceWriter, set: string | undefined) => Promise<object>;

/** The evaluation of the model called `name`, if there is one. */
export function ownEvaluation(name: string): OwnEvaluation | undefined {
  if (name === 'inverse-numbers-en') {
    return whole(async (write) => {
      const { evaluateNumbers } = await import('../models/inverse-numbers-en/evaluation.ts');
      return evaluateNumbers(write);
    });
  }
  if (name === 'g2p-en' || name.startsWith('g2p-en-')) {
    return async (write, set = 'test') => {
      if (set !== 'dev' && set !== 'test') throw new UsageError(`Expected --set to be dev or test, got ${set}`);
      const { evaluateG2p } = await import('../models/g2p-en/evaluation.ts');
      return evaluateG2p(write, set);
    };
  }
  const [, language, direction] = /^spelled-out-(en|de|fr|zh)-(words|digits)$/.exec(name) ?? [];
  if (language === undefined || direction === undefined) return undefined;
  return whole(async (write) => {
    const { evaluateQuantities } = await import('../models/spelled-out/evaluation.ts');
    // The expression that gave them has no others.
    return evaluateQuantities(language as 'en' | 'de' | 'fr' | 'zh', direction as 'words' | 'digits', write);
  });
}

/** An evaluation that has no parts. */
function whole(evaluate: (write: SequenceWriter) => Promise<object>): OwnEvaluation {
  return (write, set) => {
    if (set !== undefined)
      throw new UsageError(`Expected no --set: the evaluation of this model has no parts, got ${set}`);
    return evaluate(write);
  };
}
