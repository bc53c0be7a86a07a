import type { DecoderConfig } from '../decoder/config.ts';
import type { Symbols } from '../text/symbols.ts';

/** CTC at every vector. Labels are the vocabulary's where the source is audio, else `symbols`. */
export type CtcHead = { readonly symbols?: Symbols | undefined };

/** A second CTC at every vector, of the sounds that words are made of: what any word is spelled with. Only where the source is audio. */
export type PhonesHead = {
  /** Phone `symbols[i]` has id i + 1; 0 is the blank. */ readonly symbols: readonly string[];
};

/** The attention decoder over the memory's entries at the end. Id i of a symbol is token i + 1; token 0 is start and end. */
export type DecoderHead = DecoderConfig & {
  /** What it writes; absent where the source is audio, whose vocabulary says it. */ readonly symbols?:
    | Symbols
    | undefined;
};

/** A label at every vector, by one read in the memory: the label were the sequence to end there. */
export type AnswersHead = {
  /** L: an answer is the likeliest of labels 0 to L - 1. */ readonly labelCount: number;
  /** Whether labels are the last `labelCount` symbols of the source, scored by their embeddings; default false. */
  readonly tied?: boolean | undefined;
};

/** One label at the end, by one read in the memory. */
export type ClassifierHead = { readonly labels: readonly string[] };

/** Numbers at the end, by one read in the memory. */
export type RegressionHead = { /** How many. */ readonly outputs: number };

/** What a model is asked; one head at the least. */
export type HeadsConfig = {
  readonly ctc?: CtcHead | undefined;
  readonly phones?: PhonesHead | undefined;
  readonly decoder?: DecoderHead | undefined;
  readonly answers?: AnswersHead | undefined;
  readonly classifier?: ClassifierHead | undefined;
  readonly regression?: RegressionHead | undefined;
};

/** The decoder's own configuration, which a head is but for its symbols. */
export function decoderOf(head: DecoderHead): DecoderConfig {
  return head;
}

/** Whether a head reads in the memory, at every vector or at the end. */
export function readsMemory({ ctc, phones, answers, classifier, regression }: HeadsConfig): boolean {
  return [ctc, phones, answers, classifier, regression].some((head) => head !== undefined);
}
