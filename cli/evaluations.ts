/** Models of sequences that have an evaluation of their own, by the name that their configuration gives them. */
import type { SequenceWriter } from '../corpora/sequence-accuracy.ts';
import type { SequenceModel } from '../src/sequence/model.ts';
import { UsageError } from './usage-error.ts';

export type EvaluationRequest = {
  readonly model: SequenceModel;
  /** Writes the best answer of `model` to each input. */ readonly write: SequenceWriter;
  /** The part of the model's own test set that was asked for, if any. */ readonly set: string | undefined;
  readonly signal: AbortSignal;
};

/** Measures a model on its own test set. */
export type OwnEvaluation = (request: EvaluationRequest) => Promise<object>;

const NOTHING = { text: '', alignment: [], inputSymbols: [], outputSymbols: [] };

/** The evaluation of the model called `name`, if there is one. */
export function ownEvaluation(name: string): OwnEvaluation | undefined {
  if (name === 'inverse-numbers-en') {
    return whole(async ({ write }) => {
      const { evaluateNumbers } = await import('../models/inverse-numbers-en/evaluation.ts');
      return evaluateNumbers(write);
    });
  }
  if (name === 'g2p-en' || name.startsWith('g2p-en-')) {
    return async ({ write, set = 'test' }) => {
      if (set !== 'dev' && set !== 'test') throw new UsageError(`Expected --set to be dev or test, got ${set}`);
      const { evaluateG2p } = await import('../models/g2p-en/evaluation.ts');
      return evaluateG2p(write, set);
    };
  }
  if (name === 'translate-en-de') {
    return whole(async ({ model, signal }) => {
      const { evaluateTranslation } = await import('../models/translate-en-de/evaluation.ts');
      return evaluateTranslation(async (sources) => {
        const answers = await model.decodeAll(sources, { lengthExponent: 1, signal }); // as `hearken translate` asks
        return answers.map(([best]) => best ?? NOTHING);
      });
    });
  }
  const [, language, direction] = /^spelled-out-(en|de|fr|zh)-(words|digits)$/.exec(name) ?? [];
  if (language === undefined || direction === undefined) return undefined;
  return whole(async ({ write }) => {
    const { evaluateQuantities } = await import('../models/spelled-out/evaluation.ts');
    // The expression that gave them has no others.
    return evaluateQuantities(language as 'en' | 'de' | 'fr' | 'zh', direction as 'words' | 'digits', write);
  });
}

/** An evaluation that has no parts. */
function whole(evaluate: OwnEvaluation): OwnEvaluation {
  return (request) => {
    const { set } = request;
    if (set !== undefined)
      throw new UsageError(`Expected no --set: the evaluation of this model has no parts, got ${set}`);
    return evaluate(request);
  };
}
