/** The small encoder-decoder that models/inverse-numbers-en, models/spelled-out and models/length are variants of. */
import type { ModelConfig } from '../src/model/config.ts';
import type { DecoderHead } from '../src/model/heads.ts';
import type { Symbols } from '../src/text/symbols.ts';
import type { SequenceTraining } from '../src/training/recipe.ts';

/** Depth of a vector, of the decoder's state and of its attention. */
export const UNITS = 128;

type Parts = {
  readonly name: string;
  readonly language: string;
  readonly from: Symbols;
  readonly to: Symbols;
  readonly embedding: number;
  /** Of what is written; default `embedding`. */ readonly outputEmbedding?: number;
  /** Default all vectors. */ readonly memory?: ModelConfig['memory'];
  /** Default Luong's order with input feeding, and its `general` score. */
  readonly decoder?: Partial<Pick<DecoderHead, 'order' | 'attention' | 'inputFeeding'>>;
};

/** An LSTM both ways, and a GRU that begins with its last state and attends to its vectors. */
export function encoderDecoder({ name, language, from, to, embedding, ...parts }: Parts): ModelConfig {
  return {
    format: 'hearken',
    version: 2,
    name,
    language,
    source: { kind: 'tokens', symbols: from, embedding },
    encoder: { kind: 'lstm', units: UNITS, layers: 1, direction: 'both' },
    memory: parts.memory ?? { kind: 'full' },
    heads: {
      decoder: {
        order: 'luong',
        cell: 'gru',
        attention: { kind: 'global', score: 'general' },
        units: UNITS,
        attentionUnits: UNITS,
        embedding: parts.outputEmbedding ?? embedding,
        inputFeeding: true,
        firstState: 'encoder',
        dropout: 0,
        ...parts.decoder,
        symbols: to,
      },
    },
  };
}

/** How it is trained: on pairs that are drawn without end, so that nothing has to be held back. */
export const DRAWN_WITHOUT_END: Pick<
  SequenceTraining,
  'learningRate' | 'warmup' | 'labelSmoothing' | 'scheduledSampling' | 'dropout'
> = { learningRate: 3e-3, warmup: 50, labelSmoothing: 0, scheduledSampling: 0, dropout: 0 };
