import type { AttentionConfig } from '../attention/config.ts';
import type { AttentionScoreName } from '../attention/score-name.ts';

export type DecoderConfig = {
  /**
   * When a step attends. `bahdanau`: with the state before the step, whose context the step then takes in. `luong`:
   * with the state after it, and the attentional vector is fed into the next step.
   */
  readonly order: 'bahdanau' | 'luong';
  readonly score: AttentionScoreName;
  /** Default global attention by `score`. */ readonly attention?: AttentionConfig;
  /** Depth of the recurrent state. */ readonly units: number;
  /** Width in which learned scores compare query and entry. */ readonly attentionUnits: number;
  /** Depth of a token's embedding. */ readonly embedding: number;
  /** Share of the embeddings' and output features' elements dropped in training, 0 to 0.95. */
  readonly dropout: number;
};
